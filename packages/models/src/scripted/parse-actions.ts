import type { AssistantAction } from './assistant-action.ts';
import { tokenizePrompt } from './prompt-tokens.ts';
import { readProvision } from './provision-grammar.ts';
import { readTargetAction } from './target-grammar.ts';
import { TokenCursor } from './token-cursor.ts';

/** Everything a prompt asks for that the built-in assistant understands, in order. Empty: nothing understood. */
export function parseActions(prompt: string): readonly AssistantAction[] {
  const cursor = new TokenCursor(tokenizePrompt(prompt));
  const actions: AssistantAction[] = [];
  while (cursor.at < cursor.tokens.length) {
    const found = readProvision(cursor) ?? readTargetAction(cursor, prompt, actions);
    if (found === null) cursor.at += 1;
    else actions.push(...found);
  }
  return actions;
}
