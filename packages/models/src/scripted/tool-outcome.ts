import { fieldsOf, parseJson, textOf } from '../protocols/loose-json.ts';
import type { ToolResult } from '../protocols/model-request.ts';

/** What a tool's result really says, whatever the runtime wrapped around it. */
export interface ToolOutcome {
  readonly ok: boolean;
  /** The structured answer, or undefined when the tool answered in plain text. */
  readonly data: unknown;
  /** The plain text: of a failure its message, else the text that was sent. */
  readonly text: string;
}

const MAX_UNWRAPPING = 5;
/** Texts by which runtimes say that a call did not happen. Only for results without structure and without an error flag. */
const FAILURE_TEXT =
  /^\s*(?:<tool_use_error>|error\b|failed\b|mcp error\b|tool (?:call )?(?:failed|error)|unknown tool|no such tool|permission (?:denied|to)|user (?:cancelled|rejected|declined)|unsupported call)|requires approval|(?:have|has)n't granted|not found in (?:the )?(?:tool )?registry|timed out/i;

/** Reads a result: MCP content lists, `structuredContent`, JSON inside text (also after a runtime's own heading), error shapes. */
export function readToolOutcome(result: ToolResult): ToolOutcome {
  const found = unwrap(result.text, 0);
  const failed =
    result.isError === true ||
    found.isError ||
    errorOf(found.data) !== null ||
    (found.data === undefined && result.isError === null && FAILURE_TEXT.test(found.text));
  const text =
    (failed ? (errorOf(found.data) ?? messageOf(found.data)) : null) ??
    found.text.replace(/<\/?tool_use_error>/g, '').trim();
  return { ok: !failed, data: found.data, text };
}

interface Unwrapped {
  readonly data: unknown;
  readonly text: string;
  readonly isError: boolean;
}

function unwrap(value: unknown, depth: number): Unwrapped {
  if (depth > MAX_UNWRAPPING) return { data: value, text: '', isError: false };
  if (typeof value === 'string') {
    const inner = jsonIn(value);
    if (inner === undefined || typeof inner !== 'object') return { data: undefined, text: value, isError: false };
    const found = unwrap(inner, depth + 1);
    return { ...found, text: found.text === '' ? value : found.text };
  }
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item: unknown) => typeof fieldsOf(item)['type'] === 'string')
  ) {
    return unwrap(value.map((item: unknown) => textOf(fieldsOf(item)['text'])).join('\n'), depth + 1);
  }
  const fields = fieldsOf(value);
  const isError = fields['isError'] === true || fields['is_error'] === true;
  if (typeof fields['structuredContent'] === 'object' && fields['structuredContent'] !== null)
    return { data: fields['structuredContent'], text: '', isError };
  if (Array.isArray(fields['content']) && fields['id'] === undefined) {
    const found = unwrap(fields['content'], depth + 1);
    return { ...found, isError: found.isError || isError };
  }
  return { data: value, text: '', isError };
}

/** The JSON document in a text: the whole of it, or what follows a heading such as "Output:". */
function jsonIn(text: string): unknown {
  const whole = parseJson(text);
  if (whole !== undefined) return whole;
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  let tries = 0;
  for (const match of text.matchAll(/[{[]/g)) {
    const inner = match.index < end ? parseJson(text.slice(match.index, end + 1)) : undefined;
    if (inner !== undefined) return inner;
    tries += 1;
    if (tries > 20) return undefined;
  }
  return undefined;
}

/** The message of an error answer: `{error}`, or problem details `{code, status, title, detail, hint}`. */
function errorOf(data: unknown): string | null {
  const fields = fieldsOf(data);
  const error = fields['error'];
  if (typeof error === 'string' && error !== '') return messageOf(data) ?? error;
  if (typeof error === 'object' && error !== null) return messageOf(error) ?? JSON.stringify(error);
  if (fields['ok'] === false || fields['success'] === false) return messageOf(data) ?? 'the tool reported a failure';
  const status = fields['status'];
  return typeof fields['code'] === 'string' && typeof status === 'number' && status >= 400
    ? (messageOf(data) ?? fields['code'])
    : null;
}

function messageOf(data: unknown): string | null {
  const fields = fieldsOf(data);
  const message =
    textOf(fields['detail']) || textOf(fields['message']) || textOf(fields['title']) || textOf(fields['error']);
  if (message === '') return null;
  const hint = textOf(fields['hint']);
  return hint === '' ? message : `${message} ${hint}`;
}
