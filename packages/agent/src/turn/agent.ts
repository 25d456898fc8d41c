import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelMessage } from 'ai';
import { findSkills } from '../configuration/skills.ts';
import { systemPrompt } from '../configuration/system-prompt.ts';
import { serverPool } from '../mcp/server-pool.ts';
import { resolveModel } from '../model/model-access.ts';
import type { AgentOutput, HistoryMessage } from '../protocol.ts';
import { endOfCutTurn } from '../sessions/cut-turn.ts';
import { createSession, openSession, type SessionFile } from '../sessions/session-file.ts';
import { AGENT_VERSION } from '../version.ts';

export interface AgentContext {
  /** Folder of config.json, AGENTS.md, skills/ and sessions/. */
  readonly home: string;
  /** Working folder of the turns. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  emit(output: AgentOutput): void;
}

export interface TurnRequest {
  readonly prompt: string;
  readonly sessionId: string | null;
  readonly history: readonly HistoryMessage[];
}

export interface Agent {
  /** Runs one turn and emits its events; the last is `end`. Never throws. */
  runTurn(request: TurnRequest, signal: AbortSignal): Promise<void>;
  /** Loads libraries and connects servers ahead of the first turn. */
  warm(): Promise<void>;
  /** Connects the servers and emits a status line. */
  reportStatus(): Promise<void>;
  reload(): void;
  close(): Promise<void>;
}

/** One agent process: one pool of servers, any number of turns one after the other. */
export function makeAgent(context: AgentContext): Agent {
  const pool = serverPool(context.home, context.folder, context.env);
  return {
    runTurn: async (request, signal) => {
      let sessionId: string | null = null;
      const fail = (failure: 'cancelled' | 'crash' | 'not_configured' | 'tool', message: string) => {
        if (failure !== 'cancelled') context.emit({ type: 'error', code: failure, message });
        context.emit({ type: 'end', ok: false, text: '', failure, message, sessionId });
      };
      try {
        const model = resolveModel(context.env);
        if (typeof model === 'string') {
          sessionId = request.sessionId;
          context.emit({ type: 'started', sessionId, model: null });
          return fail('not_configured', model);
        }
        const session = await sessionFor(context.home, request);
        sessionId = session.id;
        context.emit({ type: 'started', sessionId, model: model.modelId });
        // The libraries load while the servers start: each takes about 100 ms.
        const [{ runModelLoop }, servers, identity, skills] = await Promise.all([
          import('./model-loop.ts'),
          pool.ready(),
          readFile(join(context.home, 'AGENTS.md'), 'utf8').catch(() => null),
          findSkills(context.home),
        ]);
        if (signal.aborted) return fail('cancelled', 'The turn was cancelled.');
        if (servers.problem !== null) return fail('not_configured', servers.problem);
        if (servers.missingRequired.length > 0) {
          const why = servers.missingRequired
            .map((name) => `${name}: ${servers.status[name]?.problem ?? 'not connected'}`)
            .join('; ');
          return fail('tool', `Required MCP servers are not connected. ${why}`);
        }
        const serverInstructions = [...servers.connections].flatMap(([server, { instructions }]) =>
          instructions === null ? [] : [{ server, text: instructions }],
        );
        const system = systemPrompt({ identity, skills, serverInstructions, workFolder: context.folder });
        await runModelLoop({
          model,
          system,
          session,
          skills,
          folder: context.folder,
          connections: servers.connections,
          env: context.env,
          emit: context.emit,
          signal,
        });
      } catch (error) {
        if (signal.aborted) fail('cancelled', 'The turn was cancelled.');
        else fail('crash', error instanceof Error ? error.message : String(error));
      }
    },
    warm: async () => {
      await Promise.all([
        import('./model-loop.ts').then((loop) => loop.preload(resolveModel(context.env))),
        pool.ready(),
      ]);
    },
    reportStatus: async () => {
      const { status, problem } = await pool.ready();
      context.emit({ type: 'status', version: AGENT_VERSION, servers: status, problem });
    },
    reload: () => pool.invalidate(),
    close: () => pool.close(),
  };
}

/** The stored session with the prompt added; a session that is not there any more starts anew from the given history. */
async function sessionFor(home: string, request: TurnRequest): Promise<SessionFile> {
  const prompt: ModelMessage = { role: 'user', content: request.prompt };
  const stored = request.sessionId === null ? null : await openSession(home, request.sessionId);
  if (stored !== null) {
    await stored.append([...endOfCutTurn(stored.messages), prompt]);
    return stored;
  }
  const earlier = request.history.map(
    (message): ModelMessage => ({ role: message.role === 'user' ? 'user' : 'assistant', content: message.text }),
  );
  return createSession(home, randomUUID(), [...earlier, prompt]);
}
