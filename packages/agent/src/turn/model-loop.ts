import type { FailureCode, TurnEvent } from '@molecule/contracts';
import { isStepCount, type SystemModelMessage, streamText } from 'ai';
import type { Skill } from '../configuration/skills.ts';
import { AGENT_ENV } from '../environment-names.ts';
import type { ServerConnection } from '../mcp/server-connection.ts';
import { serverTools } from '../mcp/server-tools.ts';
import { type Failure, failureOf } from '../model/failure-of.ts';
import { languageModel } from '../model/language-model.ts';
import type { ResolvedModel } from '../model/model-access.ts';
import type { SessionFile } from '../sessions/session-file.ts';
import { workTools } from '../work-tools/work-tools.ts';
import { turnEventOf } from './turn-events.ts';

// The library prints warnings about its own defaults on stderr; nobody can act on them here.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

/** Model calls of one turn; a loop that needs more has lost its way. */
export const MAX_STEPS = 100;
const DEFAULT_RETRIES = 2;
/** Room for one answer. Without it the library gives models that it does not know 4,096 tokens. */
const MAX_OUTPUT_TOKENS = 16_384;

export interface LoopInput {
  readonly model: ResolvedModel;
  readonly system: string;
  /** Holds the conversation with the new prompt already in it. */
  readonly session: SessionFile;
  readonly skills: readonly Skill[];
  readonly folder: string;
  readonly connections: ReadonlyMap<string, ServerConnection>;
  readonly env: Readonly<Record<string, string | undefined>>;
  emit(event: TurnEvent): void;
  readonly signal: AbortSignal;
}

/** Loads the provider's library; this module's own imports are the rest of the cost. */
export async function preload(model: ResolvedModel | string): Promise<void> {
  if (typeof model !== 'string') await languageModel(model);
}

/**
 * The tool loop of one turn: model, tools, model, … until the model stops calling tools. Emits everything up to and with `end`.
 * Tool calls of one step run one after the other, since two may touch the same thing. Each finished step is stored before the
 * next begins.
 */
export async function runModelLoop(input: LoopInput): Promise<void> {
  const offered = serverTools(input.connections);
  const startedAt = new Map<string, number>();
  let text = '';
  let failure: Failure | null = null;
  let stopped: string | null = null;
  const retries = Number.parseInt(input.env[AGENT_ENV.retries] ?? '', 10);
  const result = streamText({
    model: await languageModel(input.model),
    instructions: cached(input.system),
    messages: [...input.session.messages],
    tools: { ...workTools(input.folder, input.skills), ...offered.tools },
    toolCallConcurrency: 1,
    stopWhen: isStepCount(MAX_STEPS),
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    maxRetries: Number.isNaN(retries) ? DEFAULT_RETRIES : retries,
    abortSignal: input.signal,
    onError: () => undefined, // errors arrive in the stream as well; the default prints them
    onStepEnd: async (step) => {
      await input.session.append(step.response.messages); // of this step alone
    },
  });
  try {
    for await (const part of result.stream) {
      if (part.type === 'start-step') text = '';
      if (part.type === 'text-delta') text += part.text;
      if (part.type === 'error') failure ??= failureOf(part.error);
      if (part.type === 'finish') stopped = part.finishReason;
      const event = turnEventOf(part, offered.origin, startedAt, performance.now());
      if (event !== null) input.emit(event);
    }
  } catch (error) {
    // A connection that breaks in the middle of an answer ends the stream itself.
    failure ??= failureOf(error);
  }
  const outcome = outcomeOf(input.signal.aborted, failure, stopped);
  if (outcome !== null && outcome.code !== 'cancelled')
    input.emit({ type: 'error', code: outcome.code, message: outcome.message });
  input.emit({
    type: 'end',
    ok: outcome === null,
    text,
    failure: outcome?.code ?? null,
    message: outcome?.message ?? null,
    sessionId: input.session.id,
  });
}

/** Null = the turn went well. */
function outcomeOf(
  aborted: boolean,
  failure: Failure | null,
  stopped: string | null,
): { code: FailureCode; message: string } | null {
  if (aborted) return { code: 'cancelled', message: 'The turn was cancelled.' };
  if (failure !== null) return failure;
  if (stopped === null) return { code: 'model', message: "The model's answer broke off." };
  if (stopped === 'length') return { code: 'context', message: 'The answer was cut at the output limit of the model.' };
  if (stopped === 'content-filter') return { code: 'refused', message: 'The model refused to answer.' };
  if (stopped === 'tool-calls')
    return { code: 'model', message: `The model was still calling tools after ${MAX_STEPS} steps.` };
  if (stopped === 'error') return { code: 'model', message: 'The model ended with an error.' };
  return null;
}

/** The system prompt is the same in every call of a session: marked for the provider's prompt cache. */
function cached(system: string): SystemModelMessage {
  return { role: 'system', content: system, providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } } };
}
