/** `mcp__server__tool` as people say it: the part after the server it is shown under. */
export function toolName(id: string, server: string): string {
  const prefix = `mcp__${server}__`;
  return id.startsWith(prefix) ? id.slice(prefix.length) : id;
}
