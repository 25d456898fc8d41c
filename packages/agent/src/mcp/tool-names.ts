/** Longest tool name that the model providers take. */
const TOOL_NAME_LIMIT = 128;

/**
 * The name under which a server's tool is offered to the model: `mcp__<server>__<tool>`, with what providers refuse replaced by
 * `_`. Two that become equal get a number, so that neither is lost.
 */
export function offeredName(server: string, tool: string, taken: ReadonlySet<string>): string {
  const base = `mcp__${server}__${tool}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, TOOL_NAME_LIMIT);
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const suffix = `_${number}`;
    const candidate = base.slice(0, TOOL_NAME_LIMIT - suffix.length) + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}
