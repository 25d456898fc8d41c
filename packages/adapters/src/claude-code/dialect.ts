import { randomUUID } from 'node:crypto';
import { promptWithHistory } from '../turn-process/history-prompt.ts';
import { placeLoginLink } from '../turn-process/login-link.ts';
import type { TurnDialect } from '../turn-process/turn-dialect.ts';
import { streamCommand } from './command-line.ts';
import { claudeExitFailure } from './failure.ts';
import { configFolder } from './native.ts';
import { claudeTurnReader } from './turn-reader.ts';

/** One dialect per session: it keeps the running total of the process's cost. */
export function claudeDialect(now: () => number): TurnDialect {
  let totalUsd = 0;
  return {
    prepare: (context) => placeLoginLink(context, `${configFolder(context.layout)}/.credentials.json`),
    plan: (context, resume) => {
      totalUsd = 0;
      return streamCommand(context, resume);
    },
    boundToSession: true,
    turn: (input, { isResumed }) => {
      const messageId = randomUUID();
      const text = isResumed ? input.prompt : promptWithHistory(input);
      const message = { type: 'user', uuid: messageId, message: { role: 'user', content: [{ type: 'text', text }] } };
      const reader = claudeTurnReader({
        messageId,
        costBefore: () => totalUsd,
        onCost: (usd) => (totalUsd = usd),
        now,
      });
      return { text: `${JSON.stringify(message)}\n`, reader };
    },
    reloadText: null,
    warmText: null,
    classifyExit: claudeExitFailure,
  };
}
