import type { TurnEvent } from '@molecule/contracts';
import { z } from 'zod';
import { proseFailure } from '../agent-client-protocol/prose-failure.ts';
import { type EndEvent, failedTurn } from '../turn-process/turn-ending.ts';

const Run = z.object({
  payloads: z.array(z.object({ text: z.string().nullish(), isError: z.boolean().nullish() })).nullish(),
  meta: z
    .object({
      aborted: z.boolean().nullish(),
      error: z.object({ kind: z.string().nullish(), message: z.string().nullish() }).nullish(),
      agentMeta: z
        .object({
          sessionId: z.string().nullish(),
          model: z.string().nullish(),
          usage: z
            .object({ input: z.number().nullish(), output: z.number().nullish(), cacheRead: z.number().nullish() })
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
/** Run by the program itself, or handed through by its gateway. */
const Output = z.union([z.object({ result: Run }).transform(({ result }) => result), Run]);

/** Reads the one JSON value that a run prints, log lines around it left out; null when there is none. */
export function readRun(printed: string): z.infer<typeof Run> | null {
  const text = printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1);
  try {
    const run = Output.safeParse(JSON.parse(text)).data;
    return run?.payloads == null && run?.meta == null ? null : run;
  } catch {
    return null;
  }
}

/** A run in the one vocabulary. It tells nothing of the calls that its agent made. */
export function eventsOfRun(run: z.infer<typeof Run>, sessionId: string): readonly TurnEvent[] {
  const { meta } = run;
  const id = meta?.agentMeta?.sessionId ?? sessionId;
  const parts = (run.payloads ?? []).flatMap(({ text, isError }) =>
    text == null ? [] : [{ text, isError: isError === true }],
  );
  const text = parts
    .filter(({ isError }) => !isError)
    .map((part) => part.text)
    .join('\n\n');
  const usage = meta?.agentMeta?.usage;
  const events: TurnEvent[] = text === '' ? [] : [{ type: 'text', text }];
  if (usage != null) {
    const { input, output, cacheRead } = usage;
    const counted = {
      inputTokens: input ?? 0,
      outputTokens: output ?? 0,
      ...(cacheRead == null ? {} : { cachedTokens: cacheRead }),
    };
    events.push({ type: 'usage', usage: counted, costUsd: null });
  }
  const said = parts.find(({ isError }) => isError)?.text;
  const error = meta?.error?.message ?? meta?.error?.kind ?? (text === '' ? said : undefined);
  if (error !== undefined && error !== null) {
    const code = /context|compaction/.test(meta?.error?.kind ?? '') ? 'context' : proseFailure(error);
    return [...events, ...failedTurn(code, error, text, id)];
  }
  if (meta?.aborted === true) return [...events, ...failedTurn('timeout', 'The runtime gave the turn up.', text, id)];
  const end: EndEvent = { type: 'end', ok: true, text, failure: null, message: null, sessionId: id };
  return [...events, end];
}
