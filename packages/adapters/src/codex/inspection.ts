import { z } from 'zod';
import type { BoxProcess, Inspection, SessionContext } from '../contract/index.ts';
import { parseRpcLine, rpcNotification, rpcRequest } from '../json-rpc/json-rpc-lines.ts';
import { appServerCommand } from './command-line.ts';

const INSPECTION_TIMEOUT_MS = 45_000;
const END_GRACE_MS = 300;

const StatusList = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      serverInfo: z.unknown().nullish(),
      tools: z.record(z.string(), z.unknown()),
      toolsError: z.string().nullish(),
    }),
  ),
});

/** Asks the app server for its MCP servers: it starts them itself and lists their tools. No model is called. */
export async function inspectCodex(context: SessionContext): Promise<Inspection> {
  let child: BoxProcess;
  try {
    child = await context.spawn(appServerCommand(context));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const timer = setTimeout(() => void child.end(END_GRACE_MS), INSPECTION_TIMEOUT_MS);
  try {
    await child.write(
      rpcRequest('init', 'initialize', { clientInfo: { name: 'molecule', title: 'Molecule', version: '0.1.0' } }),
    );
    for await (const { text } of child.lines) {
      const message = parseRpcLine(text);
      if (message === null || message.method !== undefined) continue;
      if (message.error !== undefined) return failed(message.error.message);
      if (message.id === 'init')
        await child.write(rpcNotification('initialized', {}) + rpcRequest('status', 'mcpServerStatus/list', {}));
      if (message.id !== 'status') continue;
      const servers = StatusList.safeParse(message.result).data?.data;
      return servers === undefined
        ? failed('Codex does not list its MCP servers.')
        : { ok: true, problem: null, servers: Object.fromEntries(servers.map(seen)) };
    }
    return failed(`Codex ended without an answer. ${child.stderrTail().slice(-500)}`.trim());
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    await child.end(END_GRACE_MS);
  }
}

function seen(server: z.infer<typeof StatusList>['data'][number]): [string, Inspection['servers'][string]] {
  // A server that was reached has told who it is.
  const connected = server.serverInfo != null && server.toolsError == null;
  const problem = connected ? null : (server.toolsError ?? 'not connected');
  return [server.name, { connected, tools: connected ? Object.keys(server.tools) : null, problem }];
}

function failed(problem: string): Inspection {
  return { ok: false, servers: {}, problem };
}
