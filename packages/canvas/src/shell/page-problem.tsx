import { Button } from '../design/button.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';

/** A part of the page that failed; the rest goes on. */
export function PageProblem({ error, reset }: { readonly error: unknown; readonly reset?: () => void }) {
  return (
    <div className="p-4">
      <ProblemNotice
        error={error}
        action={<Button onClick={() => (reset === undefined ? location.reload() : reset())}>Try again</Button>}
      />
    </div>
  );
}
