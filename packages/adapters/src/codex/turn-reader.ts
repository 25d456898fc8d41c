import { randomUUID } from 'node:crypto';
import type { TokenUsage, TurnEvent } from '@molecule/contracts';
import type { TurnInput } from '../contract/index.ts';
import { parseRpcLine, type RpcMessage, rpcNotification, rpcRefusal, rpcRequest } from '../json-rpc/json-rpc-lines.ts';
import { promptWithHistory } from '../turn-process/history-prompt.ts';
import type { TurnReader, TurnState } from '../turn-process/turn-dialect.ts';
import { codexFailureCode } from './failure.ts';
import { itemResult, itemStart } from './items.ts';
import { DeltaParams, ItemParams, ThreadResult, TurnParams, TurnResult, UsageParams } from './messages.ts';

/**
 * One turn over the app server.
 *
 * States: initializing (a fresh process) → opening the thread (new, or taken up again) → running → ended. A warm process begins
 * at running. Ids of requests are new in every turn, so that a late answer to an earlier one is never taken for ours.
 */
export function codexTurn(input: TurnInput, state: TurnState): { readonly text: string; readonly reader: TurnReader } {
  const tag = randomUUID();
  const { context } = state;
  let threadId = input.sessionId;
  let turnId: string | null = null;
  let isLost = false;
  let isOver = false;
  let outgoing = '';
  let text = '';
  const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 } satisfies TokenUsage;
  let hasUsage = false;
  let hasAnnounced = false;

  const openThread = () => {
    const common = { cwd: context.layout.work, approvalPolicy: 'never', sandbox: 'danger-full-access' };
    return state.isResumed && threadId !== null
      ? rpcRequest(`${tag}-resume`, 'thread/resume', { threadId, excludeTurns: true, ...common })
      : rpcRequest(`${tag}-start`, 'thread/start', common);
  };
  const startTurn = () => {
    const prompt = state.isResumed ? input.prompt : promptWithHistory(input);
    return rpcRequest(`${tag}-turn`, 'turn/start', { threadId, input: [{ type: 'text', text: prompt }] });
  };
  const fail = (code: ReturnType<typeof codexFailureCode> | 'protocol', message: string): readonly TurnEvent[] => {
    isOver = true;
    return [
      ...usageEvent(),
      { type: 'error', code, message },
      { type: 'end', ok: false, text: '', failure: code, message, sessionId: threadId },
    ];
  };
  const usageEvent = (): readonly TurnEvent[] => (hasUsage ? [{ type: 'usage', usage, costUsd: null }] : []);

  function read(line: string): readonly TurnEvent[] {
    const message = parseRpcLine(line);
    if (message === null || isOver) return [];
    if (message.method === undefined)
      return typeof message.id === 'string' && message.id.startsWith(tag) ? answer(message) : [];
    if (message.id !== undefined && message.id !== null) {
      // Questions to a person; nobody is there to answer them.
      outgoing += rpcRefusal(message.id, message.method);
      return [];
    }
    return turnId === null && message.method !== 'turn/started' ? [] : notification(message.method, message.params);
  }

  function answer(message: RpcMessage): readonly TurnEvent[] {
    const step = String(message.id).slice(tag.length + 1);
    if (message.error !== undefined) {
      if (step === 'resume') {
        isLost = true;
        return [];
      }
      return fail(
        step === 'turn' || step === 'start' ? codexFailureCode(null, message.error.message) : 'protocol',
        message.error.message,
      );
    }
    if (step === 'init') outgoing += rpcNotification('initialized', {}) + openThread();
    if (step === 'start' || step === 'resume') {
      const thread = ThreadResult.safeParse(message.result).data;
      if (thread === undefined) return fail('protocol', 'Codex opened no thread.');
      threadId = thread.thread.id;
      outgoing += startTurn();
      return [{ type: 'started', sessionId: threadId, model: thread.model ?? null }];
    }
    if (step === 'turn') turnId ??= TurnResult.safeParse(message.result).data?.turn.id ?? null;
    return [];
  }

  function notification(method: string, params: unknown): readonly TurnEvent[] {
    switch (method) {
      case 'turn/started':
        turnId = TurnParams.safeParse(params).data?.turn.id ?? turnId;
        return [];
      case 'item/agentMessage/delta':
        return said('text', params);
      case 'item/reasoning/textDelta':
      case 'item/reasoning/summaryTextDelta':
        return said('thinking', params);
      case 'item/started': {
        const item = ItemParams.safeParse(params).data?.item;
        // The answer is the last message; what was said before a tool call is not part of it.
        if (item?.type === 'agentMessage') text = '';
        return item === undefined ? [] : itemStart(item);
      }
      case 'item/completed': {
        const item = ItemParams.safeParse(params).data?.item;
        return item === undefined ? [] : itemResult(item);
      }
      case 'thread/tokenUsage/updated':
        count(params);
        return [];
      case 'turn/completed':
        return complete(params);
      default:
        return [];
    }
  }

  function said(type: 'text' | 'thinking', params: unknown): readonly TurnEvent[] {
    const delta = DeltaParams.safeParse(params).data?.delta ?? '';
    if (type === 'text') text += delta;
    return delta === '' ? [] : [{ type, text: delta }];
  }

  function count(params: unknown): void {
    const last = UsageParams.safeParse(params).data?.tokenUsage.last;
    if (last === undefined) return;
    hasUsage = true;
    usage.inputTokens += last.inputTokens;
    usage.outputTokens += last.outputTokens;
    usage.cachedTokens += last.cachedInputTokens;
    usage.reasoningTokens += last.reasoningOutputTokens;
  }

  function complete(params: unknown): readonly TurnEvent[] {
    const turn = TurnParams.safeParse(params).data?.turn;
    if (turn === undefined || (turnId !== null && turn.id !== turnId)) return [];
    if (turn.status === 'completed') {
      isOver = true;
      return [...usageEvent(), { type: 'end', ok: true, text, failure: null, message: null, sessionId: threadId }];
    }
    const message = turn.error?.message ?? `The turn ended as ${turn.status}.`;
    return fail(
      codexFailureCode(turn.error?.codexErrorInfo, `${message} ${turn.error?.additionalDetails ?? ''}`),
      message,
    );
  }

  const clientInfo = { name: 'molecule', title: 'Molecule', version: '0.1.0' };
  const started = state.isFresh ? rpcRequest(`${tag}-init`, 'initialize', { clientInfo }) : startTurn();
  return {
    text: started,
    reader: {
      read: (line) => {
        const events = read(line);
        return state.isFresh ? events : withStart(events);
      },
      sessionId: () => threadId,
      outgoing: () => {
        const more = outgoing;
        outgoing = '';
        return more;
      },
      cancelText: () => (turnId === null ? null : rpcRequest(`${tag}-cancel`, 'turn/interrupt', { threadId, turnId })),
      isSessionLost: () => isLost,
    },
  };

  /** A warm process opens no thread that could announce the turn. */
  function withStart(events: readonly TurnEvent[]): readonly TurnEvent[] {
    if (events.length === 0 || hasAnnounced) return events;
    hasAnnounced = true;
    return [{ type: 'started', sessionId: threadId, model: null }, ...events];
  }
}
