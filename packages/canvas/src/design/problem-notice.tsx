import { AlertIcon } from '@primer/octicons-react';
import type { ReactNode } from 'react';
import { asProblem } from '../api/problem.ts';
import { classes } from './classes.ts';

/** A failure as people can use it: what happened, what to do, and the code to search for. */
export function ProblemNotice({
  error,
  action,
  className,
}: {
  readonly error: unknown;
  readonly action?: ReactNode;
  readonly className?: string;
}) {
  const problem = asProblem(error);
  return (
    <div
      role="alert"
      className={classes('flex items-start gap-2.5 rounded-md bg-red-soft px-3 py-2.5 text-sm', className)}
    >
      <span className="mt-0.5 text-red">
        <AlertIcon size={14} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words text-ink">{problem.message}</p>
        <p className="break-words text-ink-2">{problem.hint}</p>
        <p className="mt-0.5 font-mono text-2xs text-ink-2">{problem.code}</p>
      </div>
      {action}
    </div>
  );
}
