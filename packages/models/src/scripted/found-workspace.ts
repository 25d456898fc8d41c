import { fieldsOf, itemsOf, textOf } from '../protocols/loose-json.ts';

/** A workspace as a tool's answer described it. */
export interface FoundWorkspace {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** Everything else the tool said about it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const MAX_DEPTH = 4;

/** The first workspace in a tool's structured answer, wherever it is nested; null when there is none. */
export function findWorkspace(data: unknown): FoundWorkspace | null {
  return collect(data, 0)[0] ?? null;
}

/** Every workspace in a tool's structured answer, in order; null when the answer has no list at all. */
export function findWorkspaces(data: unknown): readonly FoundWorkspace[] | null {
  const list = Array.isArray(data) ? data : Object.values(fieldsOf(data)).find((value) => Array.isArray(value));
  return list === undefined ? null : itemsOf(list).flatMap((item) => collect(item, 1));
}

function collect(value: unknown, depth: number): FoundWorkspace[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => collect(item, depth + 1));
  const fields = fieldsOf(value);
  const id = textOf(fields['id']) || textOf(fields['workspaceId']) || textOf(fields['workspace_id']);
  const name = textOf(fields['name']);
  const status = textOf(fields['status']);
  if (id !== '' && (name !== '' || status !== '')) return [{ id, name, status, fields }];
  return Object.values(fields).flatMap((inner) =>
    typeof inner === 'object' && inner !== null ? collect(inner, depth + 1) : [],
  );
}
