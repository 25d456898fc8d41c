import type { ModelRequest } from '../protocols/model-request.ts';
import type { ReplyPart } from '../protocols/reply.ts';
import type { ScriptStep } from './script.ts';
import { findTool } from './tool-lookup.ts';

/** The parts of a scripted step. A tool that is not offered is said, never called: a script must not look like it worked. */
export function scriptReply(step: ScriptStep, request: ModelRequest): ReplyPart[] {
  const texts = step.text === undefined ? [] : typeof step.text === 'string' ? [step.text] : step.text;
  const parts: ReplyPart[] = texts.map((text) => ({ type: 'text', text }));
  for (const wanted of step.calls ?? []) {
    const tool = findTool(request, [wanted.tool]);
    if (tool === null) parts.push({ type: 'text', text: `The scripted tool ${wanted.tool} was not offered.` });
    else parts.push({ type: 'tool_call', call: tool.call(wanted.args ?? {}) });
  }
  return parts.length === 0 && step.isRefused !== true ? [{ type: 'text', text: 'ok' }] : parts;
}
