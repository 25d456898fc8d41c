import type { WantedWorkspace } from './assistant-action.ts';
import { describeWorkspace } from './describe-answer.ts';
import { findWorkspace } from './found-workspace.ts';
import { argumentChoices, argumentName, type FoundTool } from './tool-lookup.ts';
import type { Step, TurnProgress } from './turn-progress.ts';

const VERBS = ['provision_workspace', 'create_workspace'] as const;

/** Argument names a provisioning tool may use for each wish; the first is our own. */
const ARGUMENTS: Readonly<Record<keyof WantedWorkspace, readonly string[]>> = {
  name: ['name'],
  template: ['template', 'template_id', 'templateId'],
  runtime: ['runtime'],
  model: ['model'],
  parent: ['parent', 'parent_name', 'parentName', 'parent_id', 'parentId'],
};

/** Calls the provisioning tool, then says what it really answered. */
export function provisionStep(wanted: WantedWorkspace, turn: TurnProgress): Step {
  const outcome = turn.take(VERBS);
  if (outcome === null) {
    const tool = turn.tool(VERBS);
    if (tool === null)
      return {
        kind: 'say',
        text: `I cannot create the workspace "${wanted.name}": the tool provision_workspace was not offered to me, so nothing was created.`,
      };
    return { kind: 'call', call: tool.call(argumentsFor(wanted, turn, tool)) };
  }
  if (!outcome.ok)
    return { kind: 'say', text: `The workspace "${wanted.name}" was not created: ${sentence(outcome.text)}` };
  const made = findWorkspace(outcome.data);
  if (made === null)
    return {
      kind: 'say',
      text: `I asked for the workspace "${wanted.name}"; the tool answered: ${sentence(outcome.text)}`,
    };
  const name = made.name === '' ? wanted.name : made.name;
  return {
    kind: 'say',
    text: [`I created the workspace "${name}" (${made.id}).`, ...describeWorkspace(made)].join(' '),
  };
}

function argumentsFor(wanted: WantedWorkspace, turn: TurnProgress, tool: FoundTool): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [wish, candidates] of Object.entries(ARGUMENTS)) {
    // Object.entries widens the keys; ARGUMENTS is declared with exactly these.
    const value = wanted[wish as keyof WantedWorkspace];
    if (value === undefined) continue;
    const name = argumentName(turn.request, tool, candidates) ?? candidates[0];
    if (name !== undefined)
      args[name] = wish === 'runtime' || wish === 'template' ? idLike(value, argumentChoices(tool, name)) : value;
  }
  return args;
}

/** A runtime or template as a person says it becomes an id: lower case, dashes, completed to an id of the schema that begins so. */
function idLike(phrase: string, choices: readonly string[]): string {
  const id = /\s/.test(phrase) ? phrase.trim().toLowerCase().replace(/\s+/g, '-') : phrase;
  return (
    choices.find((choice) => choice === id.toLowerCase()) ??
    choices.find((choice) => choice.startsWith(`${id.toLowerCase()}-`)) ??
    id
  );
}

function sentence(text: string): string {
  const short = text.length > 600 ? `${text.slice(0, 600)} ...` : text;
  return /[.!?]$/.test(short.trim()) ? short.trim() : `${short.trim()}.`;
}
