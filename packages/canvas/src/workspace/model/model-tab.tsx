import type { Workspace } from '../../api/wire.generated.ts';
import { Limits } from './limits.tsx';
import { ModelSection } from './model-section.tsx';
import { UsageSection } from './usage-section.tsx';

/** What it thinks with, what that has used, and what it may use. */
export function ModelTab({ workspace }: { readonly workspace: Workspace }) {
  return (
    <div className="space-y-7">
      <ModelSection workspace={workspace} />
      <UsageSection workspace={workspace} />
      <Limits workspace={workspace} />
    </div>
  );
}
