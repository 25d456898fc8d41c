import type { TurnEvent } from '@molecule/contracts';
import type { TurnReader } from '../turn-process/turn-dialect.ts';
import { claudeFailureCode } from './failure.ts';
import { type Block, type ClaudeLine, parseClaudeLine, type ResultLine } from './stream-lines.ts';

/** Longest tool output in an event. */
const OUTPUT_LIMIT_CHARS = 16_000;

const INTERRUPT = `${JSON.stringify({ type: 'control_request', request_id: 'cancel', request: { subtype: 'interrupt' } })}\n`;

export interface ReaderOptions {
  /** uuid given to the user message; the CLI names it in everything that answers it. */
  readonly messageId: string;
  /** What the process had cost before this turn: its total counts on from turn to turn. */
  costBefore(): number;
  onCost(totalUsd: number): void;
  readonly now: () => number;
}

/**
 * Maps one turn of the stream.
 *
 * States: waiting (lines of whatever came before are left out) → open (from the start of our own message) → ended (our `result`).
 * Text comes from partial deltas where there are any, otherwise from whole messages, never from both.
 */
export function claudeTurnReader(options: ReaderOptions): TurnReader {
  let sessionId: string | null = null;
  let state: 'waiting' | 'queued' | 'open' | 'ended' = 'waiting';
  let isLost = false;
  let hasStarted = false;
  let hasDeltas = false;
  const startedAt = new Map<string, number>();

  function read(text: string): readonly TurnEvent[] {
    const line = parseClaudeLine(text);
    if (line === null || state === 'ended') return [];
    sessionId = line.session_id ?? sessionId;
    if (line.type === 'command_lifecycle') return lifecycle(line);
    if (line.type === 'result') return isOurs(line) ? finish(line) : [];
    // A version that does not announce messages begins each turn with `init`.
    if (state === 'waiting' && line.type === 'system' && line.subtype === 'init') state = 'open';
    return state === 'open' ? within(line) : [];
  }

  function lifecycle(line: Extract<ClaudeLine, { type: 'command_lifecycle' }>): readonly TurnEvent[] {
    if (line.command_uuid !== options.messageId) return [];
    if (line.state === 'queued' && state === 'waiting') state = 'queued';
    if (line.state === 'started') state = 'open';
    if (line.state !== 'completed') return [];
    state = 'ended';
    const message = 'Claude Code took the message and ended without an answer.';
    return [
      { type: 'error', code: 'protocol', message },
      { type: 'end', ok: false, text: '', failure: 'protocol', message, sessionId },
    ];
  }

  function isOurs(line: ResultLine): boolean {
    return line.user_message_uuids === undefined
      ? state !== 'queued' || line.is_error === true
      : line.user_message_uuids.includes(options.messageId);
  }

  function within(line: ClaudeLine): readonly TurnEvent[] {
    switch (line.type) {
      case 'system':
        if (line.subtype !== 'init' || hasStarted) return [];
        hasStarted = true;
        return [{ type: 'started', sessionId, model: line.model ?? null }];
      case 'stream_event':
        return line.parent_tool_use_id ? [] : delta(line);
      case 'assistant':
        return line.is_api_error_message === true
          ? []
          : line.message.content.flatMap((block) => fromAssistant(block, line.parent_tool_use_id ?? null));
      case 'user':
        return line.isReplay === true || typeof line.message.content === 'string'
          ? []
          : line.message.content.flatMap(fromUser);
      default:
        return [];
    }
  }

  function delta(line: Extract<ClaudeLine, { type: 'stream_event' }>): readonly TurnEvent[] {
    const { text, thinking } = line.event.delta ?? {};
    if (line.event.type === 'message_start') hasDeltas = false;
    if (text !== undefined && text !== '') {
      hasDeltas = true;
      return [{ type: 'text', text }];
    }
    return thinking === undefined || thinking === '' ? [] : [{ type: 'thinking', text: thinking }];
  }

  function fromAssistant(block: Block, parent: string | null): readonly TurnEvent[] {
    if (block.type === 'text' && block.text !== undefined && block.text !== '' && !hasDeltas && parent === null)
      return [{ type: 'text', text: block.text }];
    if (block.type !== 'tool_use' || block.id === undefined || block.name === undefined) return [];
    startedAt.set(block.id, options.now());
    return [{ type: 'tool_call', callId: block.id, ...originOf(block.name), input: block.input ?? {} }];
  }

  function fromUser(block: Block): readonly TurnEvent[] {
    if (block.type !== 'tool_result' || block.tool_use_id === undefined) return [];
    const start = startedAt.get(block.tool_use_id);
    const output = plainText(block.content).slice(0, OUTPUT_LIMIT_CHARS);
    return [
      {
        type: 'tool_result',
        callId: block.tool_use_id,
        ok: block.is_error !== true,
        output,
        durationMs: start === undefined ? null : Math.max(0, options.now() - start),
      },
    ];
  }

  function finish(line: ResultLine): readonly TurnEvent[] {
    const errors = (line.errors ?? []).join(' ');
    if (/no conversation found/i.test(errors)) {
      isLost = true;
      return [];
    }
    state = 'ended';
    const denied = (line.permission_denials ?? []).map(
      (denial): TurnEvent => ({
        type: 'permission_denied',
        tool: denial.tool_name,
        message: 'The tool is not among the allowed ones.',
      }),
    );
    const events: TurnEvent[] = [...denied, ...usage(line)];
    const text = line.result ?? '';
    if (line.is_error !== true)
      return [...events, { type: 'end', ok: true, text, failure: null, message: null, sessionId }];
    const message = text !== '' ? text : errors !== '' ? errors : `The turn ended with ${line.subtype}.`;
    const code = claudeFailureCode({
      status: line.api_error_status ?? null,
      type: line.api_error_type ?? null,
      reason: line.terminal_reason ?? null,
      stop: line.stop_reason ?? null,
      text: message,
    });
    return [
      ...events,
      { type: 'error', code, message },
      { type: 'end', ok: false, text: '', failure: code, message, sessionId },
    ];
  }

  function usage(line: ResultLine): readonly TurnEvent[] {
    if (line.usage === undefined) return [];
    const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens_details } =
      line.usage;
    const cached = cache_read_input_tokens ?? 0;
    const costUsd = line.total_cost_usd === undefined ? null : Math.max(0, line.total_cost_usd - options.costBefore());
    if (line.total_cost_usd !== undefined) options.onCost(line.total_cost_usd);
    // Our input count holds the whole prompt; the CLI counts the cached parts beside it.
    const inputTokens = (input_tokens ?? 0) + cached + (cache_creation_input_tokens ?? 0);
    const thinking = output_tokens_details?.thinking_tokens ?? 0;
    return [
      {
        type: 'usage',
        usage: {
          inputTokens,
          outputTokens: output_tokens ?? 0,
          cachedTokens: cached,
          ...(thinking > 0 ? { reasoningTokens: thinking } : {}),
        },
        costUsd,
      },
    ];
  }

  return {
    read,
    sessionId: () => sessionId,
    outgoing: () => '',
    cancelText: () => INTERRUPT,
    isSessionLost: () => isLost,
  };
}

/** `mcp__server__tool` → server and tool; a built-in tool has no server. */
export function originOf(name: string): { readonly server: string | null; readonly tool: string } {
  const match = /^mcp__(.+?)__(.+)$/.exec(name);
  return { server: match?.[1] ?? null, tool: match?.[2] ?? name };
}

function plainText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === undefined ? '' : JSON.stringify(content);
  const parts = content as readonly unknown[];
  return parts
    .map((part) =>
      typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
        ? part.text
        : JSON.stringify(part),
    )
    .join('\n');
}
