import type { ModelCheck } from '../../api/wire.generated.ts';
import { plainText } from '../../design/plain-text.ts';
import { readable } from '../../design/status.ts';
import { duration } from '../../design/time.tsx';

/** What a trial call found. */
export function CheckResult({ check }: { readonly check: ModelCheck }) {
  return (
    <p
      role="status"
      className={`mt-2 flex flex-wrap items-center gap-2 rounded-md px-3 py-2 ${check.ok ? 'bg-green-soft' : 'bg-red-soft'}`}
    >
      <span className={`font-medium ${check.ok ? 'text-green' : 'text-red'}`}>
        {check.ok ? 'It works.' : 'It does not work.'}
      </span>
      <span className="min-w-0 break-words">{plainText(check.message)}</span>
      <span className="text-xs text-ink-2">
        {check.reason === null ? check.latencyMs > 0 && duration(check.latencyMs) : readable(check.reason)}
      </span>
    </p>
  );
}
