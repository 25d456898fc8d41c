import { AGENT_BIN_PATH } from '@molecule/agent';
import { z } from 'zod';
import type { Inspection, SessionContext } from '../contract/index.ts';
import { line } from './dialect.ts';

const INSPECTION_TIMEOUT_MS = 45_000;
const END_GRACE_MS = 300;

const Status = z.object({
  type: z.literal('status'),
  servers: z.record(
    z.string(),
    z.object({ connected: z.boolean(), tools: z.array(z.string()).nullable(), problem: z.string().nullable() }),
  ),
  problem: z.string().nullable(),
});

/** Asks a fresh agent process which servers it has loaded and connected. No model is called. */
export async function inspectAgent(context: SessionContext): Promise<Inspection> {
  const child = await context.spawn({
    command: process.execPath,
    args: [AGENT_BIN_PATH, '--stream'],
    env: context.env,
    cwd: context.layout.work,
  });
  const timer = setTimeout(() => void child.end(END_GRACE_MS), INSPECTION_TIMEOUT_MS);
  try {
    await child.write(line({ type: 'status' }));
    for await (const { text } of child.lines) {
      const status = parseStatus(text);
      if (status !== null) return { ok: status.problem === null, servers: status.servers, problem: status.problem };
    }
    return {
      ok: false,
      servers: {},
      problem: `The agent ended without a status. ${child.stderrTail().slice(-500)}`.trim(),
    };
  } catch (error) {
    return { ok: false, servers: {}, problem: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    await child.end(END_GRACE_MS);
  }
}

function parseStatus(text: string): z.infer<typeof Status> | null {
  try {
    return Status.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
