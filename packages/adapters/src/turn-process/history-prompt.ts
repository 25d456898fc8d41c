import type { TurnInput } from '../contract/index.ts';

/** Longest piece of an earlier conversation that is repeated to a runtime which cannot be given a history otherwise. */
const HISTORY_LIMIT_CHARS = 60_000;

/** Sets what was said before apart from what is asked now. */
const TAG = 'session_context';

/** The prompt, preceded by the earlier conversation where the runtime has to begin a new session. The oldest messages go first. */
export function promptWithHistory(input: Pick<TurnInput, 'prompt' | 'history'>): string {
  if (input.history.length === 0) return input.prompt;
  const lines: string[] = [];
  let length = 0;
  for (const { role, text } of [...input.history].reverse()) {
    length += text.length;
    if (length > HISTORY_LIMIT_CHARS) break;
    lines.unshift(`${role === 'user' ? 'User' : 'You'}: ${text}`);
  }
  const history = lines.join('\n\n').replaceAll(`</${TAG}`, `<\\/${TAG}`);
  return `<${TAG}>\nThe conversation so far, for context; it has been dealt with:\n\n${history}\n</${TAG}>\n\n${input.prompt}`;
}
