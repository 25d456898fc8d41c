import { randomUUID } from 'node:crypto';
import type { FailureCode, TokenUsage, TurnEvent } from '@molecule/contracts';
import type { TurnInput } from '../contract/index.ts';
import {
  parseRpcLine,
  type RpcMessage,
  rpcNotification,
  rpcRefusal,
  rpcRequest,
  rpcResult,
} from '../json-rpc/json-rpc-lines.ts';
import { promptWithHistory } from '../turn-process/history-prompt.ts';
import type { TurnReader, TurnState } from '../turn-process/turn-dialect.ts';
import {
  InitializeResult,
  PermissionParams,
  PROTOCOL_VERSION,
  PromptResult,
  SessionResult,
  UpdateParams,
} from './messages.ts';
import type { AcpProfile } from './profile.ts';
import { toolCallTracker } from './tool-calls.ts';
import { addUsage, ZERO_USAGE } from './usage-sum.ts';

/** What one session has used up to its last turn, for runtimes whose numbers count on. */
export interface UsageBefore {
  total: TokenUsage;
}

/**
 * One turn over the Agent Client Protocol.
 *
 * States of a fresh process: initialize → authenticate (where needed) → session (new, or loaded) → prompt → ended; a warm one begins
 * at prompt. While a session is loaded the runtime replays its history: that is left out. Where the history may come late, an unknown request is sent
 * after the load, and another one for as long as history came before its answer; then comes the prompt. Ids of requests are new in every
 * turn, so that a late answer to an earlier one is never taken for ours.
 */
export function acpTurn(
  profile: AcpProfile,
  before: UsageBefore,
  input: TurnInput,
  state: TurnState,
): { readonly text: string; readonly reader: TurnReader } {
  const tag = randomUUID();
  const { context } = state;
  const tools = toolCallTracker(profile, context.allowedServers, context.now);
  let sessionId = input.sessionId;
  let isPrompted = !state.isFresh;
  let isResumed = state.isResumed;
  let hasStarted = false;
  let hasComeLate = false;
  let isOver = false;
  let outgoing = '';
  let text = '';
  let lastPiece = '';
  let hasCalled = false;
  let steps: TokenUsage | null = null;

  const sessionParams = { cwd: context.layout.work, mcpServers: [] };
  const prompt = () => {
    isPrompted = true;
    const words = isResumed ? input.prompt : promptWithHistory(input);
    return rpcRequest(`${tag}-prompt`, 'session/prompt', { sessionId, prompt: [{ type: 'text', text: words }] });
  };
  /** Nobody knows this request: what the runtime had begun to say before is there when the refusal is. */
  const settle = () => {
    hasComeLate = false;
    return rpcRequest(`${tag}-settle`, '_molecule/settle', {});
  };
  const openSession = () =>
    isResumed
      ? rpcRequest(`${tag}-load`, 'session/load', { sessionId, ...sessionParams })
      : rpcRequest(`${tag}-new`, 'session/new', sessionParams);

  function read(line: string): readonly TurnEvent[] {
    const message = parseRpcLine(line);
    if (message === null || isOver) return [];
    if (message.method === undefined)
      return typeof message.id === 'string' && message.id.startsWith(tag) ? answer(message) : [];
    if (message.id != null) return question(message.id, message.method, message.params);
    if (message.method !== 'session/update') return [];
    hasComeLate = true;
    return isPrompted ? update(message.params) : [];
  }

  function answer(message: RpcMessage): readonly TurnEvent[] {
    const step = String(message.id).slice(tag.length + 1);
    if (step === 'settle') {
      outgoing += hasComeLate ? settle() : prompt();
      return [];
    }
    if (message.error !== undefined) {
      if (step === 'load') {
        beginAnew();
        outgoing += openSession();
        return [];
      }
      const failure = profile.failure(message.error.message, message.error.data);
      return fail(failure.code, failure.message);
    }
    switch (step) {
      case 'init': {
        if (isResumed && InitializeResult.safeParse(message.result).data?.agentCapabilities?.loadSession !== true)
          beginAnew();
        const method = profile.authMethod(context);
        outgoing += method === null ? openSession() : rpcRequest(`${tag}-auth`, 'authenticate', { methodId: method });
        return [];
      }
      case 'auth':
        outgoing += openSession();
        return [];
      case 'new':
      case 'load':
        sessionId = SessionResult.safeParse(message.result).data?.sessionId ?? sessionId;
        if (sessionId === null) return fail('protocol', 'The runtime opened no session.');
        outgoing += step === 'load' && profile.historyMayComeLate === true ? settle() : prompt();
        return started();
      default:
        return finish(message.result);
    }
  }

  /** The runtime does not have the session: the same process opens a new one, and the prompt brings the history along. */
  function beginAnew(): void {
    context.log('the runtime no longer has the session; it begins anew', { sessionId: sessionId ?? '' });
    isResumed = false;
    sessionId = null;
  }

  function started(): readonly TurnEvent[] {
    if (hasStarted) return [];
    hasStarted = true;
    const { model } = context;
    return [{ type: 'started', sessionId, model: model.kind === 'none' ? null : model.model }];
  }

  /** Questions to a person: a tool of the workspace's own servers, or of the runtime itself, may run; anything else may not. */
  function question(id: string | number, method: string, params: unknown): readonly TurnEvent[] {
    const asked = method === 'session/request_permission' ? PermissionParams.safeParse(params).data : undefined;
    if (asked === undefined) {
      outgoing += rpcRefusal(id, method);
      return [];
    }
    const isAllowed = tools.isAllowed(asked.toolCall.toolCallId, asked.toolCall.title ?? null);
    const wanted = isAllowed ? ['allow_always', 'allow_once'] : ['reject_once', 'reject_always'];
    const option = wanted.flatMap((kind) => asked.options.filter((candidate) => candidate.kind === kind))[0];
    const outcome =
      option === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option.optionId };
    outgoing += rpcResult(id, { outcome });
    if (isAllowed) return [];
    return [
      {
        type: 'permission_denied',
        tool: asked.toolCall.title ?? asked.toolCall.toolCallId,
        message: 'The tool belongs to no server of the workspace.',
      },
    ];
  }

  function update(params: unknown): readonly TurnEvent[] {
    const parsed = UpdateParams.safeParse(params).data;
    if (parsed === undefined || parsed.sessionId !== sessionId) return [];
    const step = profile.stepUsage(parsed.update);
    if (step !== null) steps = addUsage(steps ?? ZERO_USAGE, step, 1);
    if ('toolCallId' in parsed.update) {
      hasCalled = true;
      // The answer is what is said after the last call.
      text = '';
      return [...started(), ...tools.read(parsed.update)];
    }
    const said = parsed.update.content.text ?? '';
    if (said === '') return [];
    if (profile.isRetryNotice?.(said) === true) {
      text = '';
      return [];
    }
    lastPiece = said;
    if (profile.failureInText?.(said) != null) return started();
    if (parsed.update.sessionUpdate === 'agent_thought_chunk') return [...started(), { type: 'thinking', text: said }];
    text += said;
    return [...started(), { type: 'text', text: said }];
  }

  function finish(raw: unknown): readonly TurnEvent[] {
    const result = PromptResult.safeParse(raw).data;
    if (result === undefined) return fail('protocol', 'The runtime ended the turn without saying why.');
    const told = profile.usage(result);
    const ofTurn = told !== null && profile.usageIs === 'total' ? addUsage(told, before.total, -1) : told;
    if (told !== null && profile.usageIs === 'total') before.total = told;
    const usage = ofTurn ?? steps;
    const events: TurnEvent[] = [
      ...started(),
      ...(usage === null ? [] : [{ type: 'usage' as const, usage, costUsd: null }]),
    ];
    const failure = stopFailure(result.stopReason) ?? profile.failureInText?.(lastPiece) ?? silence() ?? null;
    if (failure !== null) return [...events, ...fail(failure.code, failure.message)];
    isOver = true;
    return [...events, { type: 'end', ok: true, text, failure: null, message: null, sessionId }];
  }

  function silence(): AcpProfile['silence'] {
    return text === '' && !hasCalled ? profile.silence : undefined;
  }

  function fail(code: FailureCode, message: string): readonly TurnEvent[] {
    isOver = true;
    return [
      ...started(),
      { type: 'error', code, message },
      { type: 'end', ok: false, text: '', failure: code, message, sessionId },
    ];
  }

  const clientCapabilities = { fs: { readTextFile: false, writeTextFile: false }, terminal: false };
  const clientInfo = { name: 'molecule', title: 'Molecule', version: '0.1.0' };
  return {
    text: state.isFresh
      ? rpcRequest(`${tag}-init`, 'initialize', { protocolVersion: PROTOCOL_VERSION, clientCapabilities, clientInfo })
      : prompt(),
    reader: {
      read,
      sessionId: () => sessionId,
      outgoing: () => {
        const more = outgoing;
        outgoing = '';
        return more;
      },
      cancelText: () => (isPrompted ? rpcNotification('session/cancel', { sessionId }) : null),
      isSessionLost: () => false,
    },
  };
}

function stopFailure(reason: string): { readonly code: FailureCode; readonly message: string } | null {
  if (reason === 'end_turn') return null;
  if (reason === 'cancelled') return { code: 'cancelled', message: 'The turn was cancelled.' };
  if (reason === 'refusal') return { code: 'refused', message: 'The model refused to answer.' };
  if (reason === 'max_tokens')
    return { code: 'context', message: 'The answer was cut at the output limit of the model.' };
  return { code: 'model', message: `The turn ended with ${reason}.` };
}
