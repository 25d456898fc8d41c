import { z } from 'zod';
import { ServerName } from '../names/ids.ts';
import { Isolation } from './isolation.ts';

/**
 * The proof ladder of one MCP server, lowest rung first (design: declared → delivered → rendered → parsed → live → used).
 * `live` of the management server counts only when the control plane witnessed it.
 */
export const RUNGS = ['declared', 'delivered', 'rendered', 'parsed', 'live', 'used'] as const;
export const Rung = z.enum(RUNGS).meta({ id: 'Rung' });
export type Rung = z.infer<typeof Rung>;

/** Evidence for one rung, as a box reports it or as the control plane saw it. */
export const Proof = z
  .object({
    server: ServerName,
    rung: Rung,
    ok: z.boolean(),
    /** Stable code of the failure, null when ok. */
    reason: z.string().max(100).nullable(),
    /** Plain facts: digest, file, tools seen, exit code. Never a secret. */
    evidence: z.record(z.string(), z.unknown()).default({}),
    durationMs: z.number().nonnegative().nullable().default(null),
  })
  .meta({ id: 'Proof' });
export type Proof = z.infer<typeof Proof>;

export const Readiness = z
  .object({
    workspaceId: z.string(),
    bootId: z.string().nullable(),
    servers: z.array(
      z.object({
        server: ServerName,
        required: z.boolean(),
        requiredTools: z.array(z.string()),
        tools: z.array(z.string()).nullable(),
        rungs: z.array(
          z.object({
            rung: Rung,
            state: z.enum(['passed', 'failed', 'pending']),
            witnessed: z.boolean(),
            reason: z.string().nullable(),
            evidence: z.record(z.string(), z.unknown()),
            durationMs: z.number().nullable(),
            at: z.iso.datetime().nullable(),
          }),
        ),
      }),
    ),
    /** Null until the box has told it. */
    isolation: Isolation.nullable(),
    /** Summary for people: what is wrong, why, and what to do next. */
    summary: z.object({ able: z.boolean(), headline: z.string(), nextStep: z.string().nullable() }),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof Readiness>;
