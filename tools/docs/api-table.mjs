// OpenAPI document → the text of docs/reference/api.md. Pure: the same document gives the same text.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const INTRODUCTION = `# HTTP API

Generated from the OpenAPI document by \`npm test -- packages/control-plane/test/kernel/api-reference.test.ts -u\`. The document itself, with every
field, is at \`/api/openapi.json\` of a running installation. Send a token as \`Authorization: Bearer …\`; a token needs the scope of the
route. Lists answer \`{items, nextCursor}\` and take \`limit\` and \`cursor\`. Errors are described in [errors.md](errors.md).

Beside these routes: \`/mcp\` (MCP over streamable HTTP), \`/llm/…\` (the protocols of model providers, for agents) and \`/\` (the web app).
`;

/**
 * @param {{paths: Record<string, Record<string, any>>}} document OpenAPI 3.1 as the control plane serves it
 * @returns {string} Markdown: one row per route, grouped by its first word
 */
export function apiTable(document) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const [path, item] of Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const group = /^\/api\/v1\/(\w+)/.exec(path)?.[1] ?? 'installation';
    const rows = groups.get(group) ?? [];
    groups.set(group, rows);
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const scopes = (operation['x-scopes'] ?? []).map((/** @type {string} */ scope) => `\`${scope}\``);
      const access = scopes.length === 0 ? 'open' : scopes.join(' or ');
      rows.push(`| ${method.toUpperCase()} | \`${path}\` | ${access} | ${operation.summary ?? ''} |`);
    }
  }
  const sections = [...groups.entries()].map(
    ([group, rows]) => `## ${group}\n\n| Method | Path | Scope | |\n|---|---|---|---|\n${rows.join('\n')}\n`,
  );
  return [INTRODUCTION, ...sections].join('\n');
}
