import type { TreeFile } from '../artifact/tree-digest.ts';

/** Files of a new plugin: a server without dependencies with one tool, and one skill. It validates and can be proved as it is. Pure. */
export function newPlugin(name: string): readonly TreeFile[] {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const files: Readonly<Record<string, string>> = {
    'plugin.json': json({
      name,
      version: '0.1.0',
      displayName: name,
      description: `What ${name} is for, in a sentence.`,
      molecule: { servers: { [name]: { required: false, requiredTools: ['hello'] } } },
    }),
    'mcp.json': json({ mcpServers: { [name]: { command: 'node', args: ['${PLUGIN_ROOT}/server.mjs'], env: {} } } }),
    'server.mjs': SERVER.replaceAll('PLUGIN', name),
    [`skills/${name}/SKILL.md`]: `---\nname: ${name}\ndescription: Say here when an agent should use this skill, in the words of the person who asks for it.\n---\n\n# ${name}\n\nSay here what to do, step by step.\n`,
    'README.md': `# ${name}\n\nTry it: \`molecule plugin validate .\`, then \`molecule plugin install file:$PWD --workspace NAME\`.\n`,
  };
  return Object.entries(files).map(([path, text]) => ({ path, executable: false, content: Buffer.from(text) }));
}

const SERVER = `import { createInterface } from 'node:readline';

// An MCP server over standard input and output: one JSON message on each line.
const TOOLS = [
  {
    name: 'hello',
    description: 'Greets somebody by name.',
    inputSchema: { type: 'object', properties: { name: { type: 'string', description: 'Who is greeted' } }, required: ['name'] },
  },
];

const ANSWERS = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'PLUGIN', version: '0.1.0' } }),
  ping: () => ({}),
  'tools/list': () => ({ tools: TOOLS }),
  'tools/call': ({ name, arguments: input }) => {
    if (name !== 'hello') return { isError: true, content: [{ type: 'text', text: \`There is no tool \${name}.\` }] };
    return { content: [{ type: 'text', text: \`Hello \${input.name}!\` }] };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const answer = ANSWERS[method];
  const outcome = answer === undefined ? { error: { code: -32601, message: \`There is no method \${method}.\` } } : { result: answer(params ?? {}) };
  process.stdout.write(\`\${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\\n\`);
}
`;
