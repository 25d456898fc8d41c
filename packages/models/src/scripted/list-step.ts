import { fieldsOf, itemsOf, textOf } from '../protocols/loose-json.ts';
import { LIST_TOOL, type Step, type TurnProgress } from './turn-progress.ts';

/** Lists the workspaces by the real tool. */
export function listStep(turn: TurnProgress): Step {
  const listed = turn.workspaces();
  if (listed === null)
    return { kind: 'say', text: `I cannot list the workspaces: the tool ${LIST_TOOL[0]} was not offered to me.` };
  if ('call' in listed) return { kind: 'call', call: listed.call };
  if ('ok' in listed)
    return {
      kind: 'say',
      text: listed.ok
        ? `The workspaces, as ${LIST_TOOL[0]} gave them: ${listed.text}`
        : `I could not list the workspaces: ${listed.text}`,
    };
  if (listed.length === 0) return { kind: 'say', text: 'There are no workspaces.' };
  const lines = listed.map(
    (workspace) => `- ${workspace.name} (${workspace.id})${workspace.status === '' ? '' : `: ${workspace.status}`}`,
  );
  return {
    kind: 'say',
    text: `There ${listed.length === 1 ? 'is 1 workspace' : `are ${listed.length} workspaces`}:\n${lines.join('\n')}`,
  };
}

/** Lists the templates by the real tool. */
export function templatesStep(turn: TurnProgress): Step {
  const verbs = ['list_templates'];
  const outcome = turn.take(verbs);
  if (outcome === null) {
    const tool = turn.tool(verbs);
    return tool === null
      ? { kind: 'say', text: 'I cannot list the templates: the tool list_templates was not offered to me.' }
      : { kind: 'call', call: tool.call({}) };
  }
  if (!outcome.ok) return { kind: 'say', text: `I could not list the templates: ${outcome.text}` };
  const list = Array.isArray(outcome.data)
    ? outcome.data
    : Object.values(fieldsOf(outcome.data)).find((value) => Array.isArray(value));
  const names = itemsOf(list)
    .map((item) => textOf(fieldsOf(item)['name']) || textOf(fieldsOf(item)['id']) || textOf(item))
    .filter((name) => name !== '');
  return {
    kind: 'say',
    text:
      names.length === 0
        ? `The templates, as list_templates gave them: ${outcome.text}`
        : `The templates are: ${names.join(', ')}.`,
  };
}
