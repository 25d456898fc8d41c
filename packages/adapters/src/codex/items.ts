import type { TurnEvent } from '@molecule/contracts';
import type { Item } from './messages.ts';

/** Longest tool output in an event. */
const OUTPUT_LIMIT_CHARS = 16_000;

/** A tool that begins: a server's tool, or one of the runtime's own under its item's name. */
export function itemStart(item: Item): readonly TurnEvent[] {
  switch (item.type) {
    case 'mcpToolCall':
      return [
        {
          type: 'tool_call',
          callId: item.id,
          server: item.server ?? null,
          tool: item.tool ?? '',
          input: item.arguments ?? {},
        },
      ];
    case 'commandExecution':
      return [
        { type: 'tool_call', callId: item.id, server: null, tool: 'command', input: { command: item.command ?? '' } },
      ];
    case 'fileChange':
      return [
        {
          type: 'tool_call',
          callId: item.id,
          server: null,
          tool: 'file_change',
          input: { changes: item.changes ?? [] },
        },
      ];
    case 'webSearch':
      return [
        { type: 'tool_call', callId: item.id, server: null, tool: 'web_search', input: { query: item.query ?? '' } },
      ];
    default:
      return [];
  }
}

export function itemResult(item: Item): readonly TurnEvent[] {
  const done = (ok: boolean, output: string): readonly TurnEvent[] => [
    {
      type: 'tool_result',
      callId: item.id,
      ok,
      output: output.slice(0, OUTPUT_LIMIT_CHARS),
      durationMs: item.durationMs ?? null,
    },
  ];
  switch (item.type) {
    case 'mcpToolCall':
      return done(
        item.status === 'completed' && item.error == null,
        item.error?.message ?? contentText(item.result?.content),
      );
    case 'commandExecution':
      return done(item.status === 'completed' && (item.exitCode ?? 0) === 0, item.aggregatedOutput ?? '');
    case 'fileChange':
      return done(item.status === 'completed', item.status ?? '');
    case 'webSearch':
      return done(true, item.query ?? '');
    default:
      return [];
  }
}

function contentText(content: readonly unknown[] | null | undefined): string {
  return (content ?? [])
    .map((part) =>
      typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
        ? part.text
        : JSON.stringify(part),
    )
    .join('\n');
}
