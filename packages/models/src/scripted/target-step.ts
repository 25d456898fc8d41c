import type { AssistantAction } from './assistant-action.ts';
import { describeAnswer } from './describe-answer.ts';
import type { FoundWorkspace } from './found-workspace.ts';
import { argumentDescription, argumentName, type FoundTool } from './tool-lookup.ts';
import { LIST_TOOL, type Step, type TurnProgress } from './turn-progress.ts';

type TargetAction = Extract<AssistantAction, { name: string }>;

interface Verb {
  readonly tools: readonly string[];
  readonly doing: string;
  readonly done: string;
}

const VERBS: Readonly<Record<TargetAction['kind'], Verb>> = {
  why: { tools: ['why_workspace', 'get_workspace'], doing: 'look into', done: '' },
  status: { tools: ['get_workspace', 'why_workspace'], doing: 'look up', done: '' },
  restart: { tools: ['restart_workspace'], doing: 'restart', done: 'I restarted' },
  pause: { tools: ['pause_workspace'], doing: 'pause', done: 'I paused' },
  resume: { tools: ['resume_workspace'], doing: 'resume', done: 'I resumed' },
  remove: {
    tools: ['deprovision_workspace', 'delete_workspace', 'remove_workspace'],
    doing: 'remove',
    done: 'I removed',
  },
  send: {
    tools: ['send_message', 'delegate_task', 'chat_with_agent'],
    doing: 'send to',
    done: 'I sent your message to',
  },
};

/** Arguments that take a workspace by name or id alike, and those that take an id unless their description says otherwise. */
const BY_NAME = ['workspace', 'workspace_name', 'workspaceName', 'name', 'to', 'target', 'recipient', 'peer'] as const;
const BY_ID = ['workspace_id', 'workspaceId', 'id', 'target_id', 'targetId', 'to_id', 'peer_id', 'peerId'] as const;
const CONFIRM = ['confirm_name', 'confirmName', 'confirm', 'confirmation'] as const;
const TEXT = ['text', 'message', 'task', 'prompt', 'content', 'body', 'instructions', 'description', 'input'] as const;

/** Calls the tool for one existing workspace (after the list, when the tool wants an id), then says what it really answered. */
export function targetStep(action: TargetAction, turn: TurnProgress): Step {
  const verb = VERBS[action.kind];
  const tool = turn.tool(verb.tools);
  if (tool === null) {
    return {
      kind: 'say',
      text: `I cannot ${verb.doing} "${action.name}": the tool ${verb.tools[0] ?? ''} was not offered to me, so nothing was done.`,
    };
  }
  const byName = argumentName(turn.request, tool, BY_NAME);
  const byId = argumentName(turn.request, tool, BY_ID);
  const takesName = byName !== null || (byId !== null && /\bname\b/i.test(argumentDescription(tool, byId)));
  let target: FoundWorkspace = { id: action.name, name: action.name, status: '', fields: {} };
  if (!takesName) {
    const found = lookUp(action.name, turn);
    if ('kind' in found) return found;
    target = found;
  }
  const outcome = turn.take(verb.tools);
  if (outcome === null)
    return {
      kind: 'call',
      call: tool.call(argumentsFor(action, turn, tool, byName ?? byId ?? 'workspace', target, byName !== null)),
    };
  if (!outcome.ok) return { kind: 'say', text: `I could not ${verb.doing} "${target.name}": ${outcome.text}` };
  const details = describeAnswer(outcome);
  if (verb.done === '') return { kind: 'say', text: `${target.name}: ${details}` };
  return { kind: 'say', text: `${verb.done} "${target.name}". ${details}`.trim() };
}

/** The workspace of that name or id by the real list; an honest sentence when there is none; or the call of the list. */
function lookUp(name: string, turn: TurnProgress): FoundWorkspace | Step {
  const listed = turn.workspaces();
  // Without a list the given name is the best id there is; the tool's own refusal will be reported.
  if (listed === null) return { id: name, name, status: '', fields: {} };
  if ('call' in listed) return { kind: 'call', call: listed.call };
  if ('ok' in listed)
    return { kind: 'say', text: `I could not look up "${name}" with ${LIST_TOOL[0]}: ${listed.text}` };
  const wanted = name.toLowerCase();
  const match =
    listed.find((workspace) => workspace.id === name) ??
    listed.find((workspace) => workspace.name.toLowerCase() === wanted);
  if (match !== undefined) return match;
  const names = listed.map((workspace) => workspace.name).join(', ');
  return {
    kind: 'say',
    text: `There is no workspace called "${name}"; nothing was done.${names === '' ? '' : ` The workspaces are: ${names}.`}`,
  };
}

function argumentsFor(
  action: TargetAction,
  turn: TurnProgress,
  tool: FoundTool,
  targetArgument: string,
  target: FoundWorkspace,
  byName: boolean,
): Record<string, unknown> {
  const args: Record<string, unknown> = { [targetArgument]: byName ? target.name : target.id };
  if (action.kind === 'remove') {
    const confirm = argumentName(turn.request, tool, CONFIRM);
    if (confirm !== null) args[confirm] = target.name;
  }
  if (action.kind === 'send') args[argumentName(turn.request, tool, TEXT) ?? TEXT[0]] = action.text;
  return args;
}
