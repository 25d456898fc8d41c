import type { ModelRequest } from '../protocols/model-request.ts';
import type { ReplyPart } from '../protocols/reply.ts';
import type { AssistantAction } from './assistant-action.ts';
import { listStep, templatesStep } from './list-step.ts';
import { parseActions } from './parse-actions.ts';
import { provisionStep } from './provision-step.ts';
import { schemaExample } from './schema-example.ts';
import { targetStep } from './target-step.ts';
import { type Step, TurnProgress } from './turn-progress.ts';

const ABILITIES =
  'I can create workspaces ("create a workspace called research from template coding-agent"), list them, say why one is offline, restart, pause, resume or remove one, ' +
  'and send a message to one, as far as those tools are offered to me.';
const HELP = `I am the built-in demo model (demo/scripted): a fixed script, not a language model. ${ABILITIES} Connect a real model to talk freely.`;
const NOT_UNDERSTOOD = `I am the built-in demo model (demo/scripted), a fixed script, and I did not understand that. ${ABILITIES}`;
const TITLE_WORDS = 6;

/**
 * The built-in assistant: the next answer for a request, decided from the request alone. It claims an effect only from a tool's
 * real result, and says plainly when a tool is missing or failed.
 */
export function assistantReply(request: ModelRequest): ReplyPart[] {
  if (request.outputSchema !== null && request.tools.length === 0)
    return [{ type: 'text', text: JSON.stringify(schemaExample(request.outputSchema)) }];
  if (request.tools.length === 0 && /\btitle\b/i.test(request.system)) {
    return [
      {
        type: 'text',
        text: request.prompt.split(/\s+/).slice(0, TITLE_WORDS).join(' ').slice(0, 60) || 'Conversation',
      },
    ];
  }
  const actions = parseActions(request.prompt);
  if (actions.length === 0)
    return inDeltas(
      /\b(?:what|how) can you\b|\bwho are you\b|\bwhat are you\b|\bhelp\b|^\s*(?:hi|hello|hey)\b/i.test(request.prompt)
        ? HELP
        : NOT_UNDERSTOOD,
    );
  const turn = new TurnProgress(request);
  const said: string[] = [];
  for (const action of actions) {
    const step = stepOf(action, turn);
    if (step.kind === 'call') return [{ type: 'tool_call', call: step.call }];
    said.push(step.text);
  }
  return inDeltas(said.join('\n'));
}

function stepOf(action: AssistantAction, turn: TurnProgress): Step {
  switch (action.kind) {
    case 'provision':
      return provisionStep(action.workspace, turn);
    case 'provision-unnamed':
      return {
        kind: 'say',
        text: 'What shall the workspace be called? Say, for example: create a workspace called research.',
      };
    case 'list':
      return listStep(turn);
    case 'templates':
      return templatesStep(turn);
    default:
      return targetStep(action, turn);
  }
}

/** A text as several deltas, a few words each, so that streaming can be seen. */
function inDeltas(text: string): ReplyPart[] {
  return (text.match(/(?:\s*\S+){1,4}\s*$|(?:\s*\S+){1,4}/g) ?? [text]).map((piece) => ({ type: 'text', text: piece }));
}
