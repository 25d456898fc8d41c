import { z } from 'zod';
import type { BoxProcess, Inspection, SessionContext } from '../contract/index.ts';
import { streamCommand } from './command-line.ts';

const INSPECTION_TIMEOUT_MS = 45_000;
/** Between two questions while a server is still connecting. */
const POLL_INTERVAL_MS = 100;
const END_GRACE_MS = 300;

const StatusReply = z.object({
  type: z.literal('control_response'),
  response: z.object({
    subtype: z.string(),
    error: z.string().optional(),
    response: z
      .object({
        mcpServers: z.array(
          z.object({
            name: z.string(),
            status: z.string(),
            error: z.string().nullish(),
            tools: z.array(z.object({ name: z.string() })).optional(),
          }),
        ),
      })
      .optional(),
  }),
});

/**
 * Asks the real CLI which servers it has loaded, and what became of their connections, by its `mcp_status` control request. No
 * model is called. The servers are started by the CLI itself, with the environment that it gives them.
 */
export async function inspectClaude(context: SessionContext): Promise<Inspection> {
  let child: BoxProcess;
  try {
    child = await context.spawn(streamCommand({ ...context, allowedServers: [] }, null));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const timer = setTimeout(() => void child.end(END_GRACE_MS), INSPECTION_TIMEOUT_MS);
  try {
    await ask(child);
    for await (const { text } of child.lines) {
      const reply = parseReply(text);
      if (reply === null) continue;
      const servers = reply.response.response?.mcpServers;
      if (servers === undefined) return failed(reply.response.error ?? 'Claude Code does not answer mcp_status.');
      if (servers.some(({ status }) => status === 'pending')) {
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
        await ask(child);
        continue;
      }
      return {
        ok: true,
        problem: null,
        servers: Object.fromEntries(
          servers.map(({ name, status, error, tools }) => {
            const connected = status === 'connected';
            return [
              name,
              {
                connected,
                tools: connected ? (tools ?? []).map((tool) => tool.name) : null,
                problem: connected ? null : (error ?? status),
              },
            ];
          }),
        ),
      };
    }
    return failed(`Claude Code ended without an answer. ${child.stderrTail().slice(-500)}`.trim());
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    await child.end(END_GRACE_MS);
  }
}

function ask(child: BoxProcess): Promise<void> {
  return child.write(
    `${JSON.stringify({ type: 'control_request', request_id: 'status', request: { subtype: 'mcp_status' } })}\n`,
  );
}

function parseReply(text: string): z.infer<typeof StatusReply> | null {
  try {
    return StatusReply.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function failed(problem: string): Inspection {
  return { ok: false, servers: {}, problem };
}
