import type { Problem } from './wire.generated.ts';

/** A refusal of the server, with its stable code, what happened and what to do; or `unreachable` when it did not answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: Problem['code'] | 'unreachable';
  readonly status: number;
  readonly hint: string;
  readonly params: NonNullable<Problem['params']>;

  constructor(
    problem: Pick<Problem, 'detail' | 'hint' | 'status'> & {
      readonly code: ApiProblem['code'];
      readonly params?: Problem['params'] | undefined;
    },
  ) {
    super(problem.detail);
    this.code = problem.code;
    this.status = problem.status;
    this.hint = problem.hint;
    this.params = problem.params ?? {};
  }
}

/** What a person is told about any failure. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({
    code: 'internal',
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    hint: 'Reload the page. If it happens again, report it with this message.',
  });
}

export function unreachable(): ApiProblem {
  return new ApiProblem({
    code: 'unreachable',
    status: 0,
    detail: 'Molecule does not answer.',
    hint: 'Nothing you typed is lost. It is tried again as soon as the server is back.',
  });
}
