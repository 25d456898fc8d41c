// A stdio MCP server. Arguments: --tools a,b  --garbage  --silent  --die  --dump  ; every launch is noted in the work folder.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const argument = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? null : (process.argv[at + 1] ?? '');
};
const tools = (argument('tools') ?? 'ping').split(',').filter((tool) => tool !== '');
const readableAt = (path) => {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '\n');
  } catch {
    return '';
  }
};
// Everything that this process can find in the environments of the box's processes, its own first, with whoever started it.
if (process.argv.includes('--dump')) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  appendFileSync(
    // Not every CLI starts its servers in the work folder.
    `${process.env.HOME}/environment-dumps.txt`,
    `${JSON.stringify({
      startedBy: readableAt(`/proc/${process.ppid}/cmdline`),
      own: Object.entries(process.env).map((entry) => entry.join('=')),
      all: pids.map((pid) => readableAt(`/proc/${pid}/environ`)).join('\n'),
      arguments: pids.map((pid) => readableAt(`/proc/${pid}/cmdline`)).join('\n'),
    })}\n`,
  );
}
appendFileSync(
  'mcp-launches.txt',
  `${JSON.stringify({ name: argument('name'), nonce: process.env.MOLECULE_PROOF_NONCE ?? null, orgKey: process.env.MOLECULE_ORG_API_KEY ?? null, socket: process.env.MOLECULE_MANAGEMENT_SOCKET ?? null, token: process.env.TOKEN ?? null, cwd: process.cwd() })}\n`,
);
if (process.argv.includes('--die')) {
  process.stderr.write(`cannot start: ${process.env.MOLECULE_API_KEY}\n`);
  process.exit(7);
}
if (process.argv.includes('--garbage')) process.stdout.write('starting up...\n[log] ready\n');
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (process.argv.includes('--silent')) continue;
  if (method === 'initialize')
    send({
      id,
      result: {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'test', version: '1' },
      },
    });
  if (id !== undefined && method !== 'initialize' && method !== 'tools/list')
    send({ id, error: { code: -32601, message: 'Method not found' } });
  if (method === 'tools/list') {
    const half = Math.ceil(tools.length / 2);
    if (params.cursor === undefined && tools.length > 1)
      send({
        id,
        result: {
          tools: tools.slice(0, half).map((name) => ({ name, inputSchema: { type: 'object' } })),
          nextCursor: 'second',
        },
      });
    else
      send({
        id,
        result: {
          tools: (tools.length > 1 ? tools.slice(half) : tools).map((name) => ({
            name,
            inputSchema: { type: 'object' },
          })),
        },
      });
  }
}
