import { fieldsOf, textOf } from '../protocols/loose-json.ts';
import { type FoundWorkspace, findWorkspace } from './found-workspace.ts';
import type { ToolOutcome } from './tool-outcome.ts';

const MAX_CHARACTERS = 1000;

/** A tool's successful answer in a few plain sentences, made only of what it contains; its own text when it has none of them. */
export function describeAnswer(outcome: ToolOutcome): string {
  const data = fieldsOf(outcome.data);
  // A task has an id and a status as well; it is no workspace.
  const found = data['task'] === undefined ? findWorkspace(outcome.data) : null;
  const sentences = [
    ...describeSummary(data),
    ...describeTask(data),
    ...(found === null ? [] : describeWorkspace(found)),
  ];
  const text = sentences.length > 0 ? [...new Set(sentences)].join(' ') : outcome.text;
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)} ...` : text;
}

/** Status and reason of a workspace, and what its health signals complain about. */
export function describeWorkspace(workspace: FoundWorkspace): string[] {
  if (workspace.status === '') return [];
  const reason = textOf(workspace.fields['statusReason']);
  const complaints = Object.entries(fieldsOf(workspace.fields['signals'])).flatMap(([name, value]) => {
    const signal = fieldsOf(value);
    if (signal['status'] !== 'failed' && signal['status'] !== 'warning') return [];
    return [`${name}: ${sentence(textOf(signal['message']) || textOf(signal['reason']))}`, ...nextStep(signal)];
  });
  return [`Its status is ${workspace.status}${reason === '' ? '' : ` (${reason})`}.`, ...complaints];
}

/** The summary that an explanation of readiness carries. */
function describeSummary(data: Readonly<Record<string, unknown>>): string[] {
  const summary = fieldsOf(fieldsOf(data['readiness'])['summary'] ?? data['summary']);
  const headline = textOf(summary['headline']);
  return headline === '' ? [] : [sentence(headline), ...nextStep(summary)];
}

function describeTask(data: Readonly<Record<string, unknown>>): string[] {
  const task = fieldsOf(data['task']);
  const id = textOf(task['id']);
  if (id === '') return [];
  const outcome = textOf(task['result']) || textOf(task['failureMessage']);
  return [`The task ${id} is ${textOf(task['status'], 'known')}.`, ...(outcome === '' ? [] : [`It says: ${outcome}`])];
}

function nextStep(fields: Readonly<Record<string, unknown>>): string[] {
  const step = textOf(fields['nextStep']) || textOf(fields['hint']);
  return step === '' ? [] : [`Next step: ${sentence(step)}`];
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
