import { PlayIcon } from '@primer/octicons-react';
import { asProblem } from '../api/problem.ts';
import type { Workspace } from '../api/wire.generated.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { isResting } from '../design/status.ts';
import { useLifecycle } from './use-lifecycle.ts';

/** Why nothing inside the box can be shown: it rests, which is no failure and can be ended here, or it does not answer. */
export function BoxProblem({
  workspace,
  error,
  onRetry,
}: {
  readonly workspace: Workspace;
  readonly error: unknown;
  readonly onRetry: () => void;
}) {
  const { resume } = useLifecycle(workspace);
  if (asProblem(error).code !== 'box_not_running')
    return <ProblemNotice error={error} action={<Button onClick={onRetry}>Try again</Button>} />;
  return isResting(workspace.status) ? (
    <Empty
      title={workspace.status === 'paused' ? 'The box is paused' : 'The box is asleep'}
      action={
        <Button icon={<PlayIcon size={14} />} busy={resume.isPending} onClick={() => resume.mutate()}>
          {workspace.status === 'paused' ? 'Resume' : 'Wake'}
        </Button>
      }
    >
      Everything in it is kept. It can be looked into while it runs.
      {resume.error !== null && <ProblemNotice error={resume.error} className="mt-2 text-left" />}
    </Empty>
  ) : (
    <Empty title="The box does not run" action={<Button onClick={onRetry}>Try again</Button>}>
      {workspace.status === 'provisioning' || workspace.status === 'booting'
        ? 'It is being started. This takes a moment.'
        : asProblem(error).message}
    </Empty>
  );
}
