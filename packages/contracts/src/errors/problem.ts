import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from './catalogue.ts';
import type { MoleculeError } from './molecule-error.ts';

const codes = Object.keys(ERROR_CATALOGUE) as [ErrorCode, ...ErrorCode[]];

/** Wire form of an error: `application/problem+json` (RFC 9457) with our stable `code` and `hint`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string(),
    hint: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

export function toProblem(error: MoleculeError, requestId?: string): Problem {
  return {
    type: `urn:molecule:error:${error.code}`,
    title: error.code.replaceAll('_', ' '),
    status: error.status,
    code: error.code,
    detail: error.message,
    hint: error.hint,
    ...(Object.keys(error.params).length > 0 ? { params: { ...error.params } as Problem['params'] } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
