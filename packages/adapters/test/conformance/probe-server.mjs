// A small MCP server over stdio for the conformance kit. Logs its start with the names of its environment, and every call.
//   node probe-server.mjs LOG_FILE [NAME=... values to note: the names of variables]
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [logFile, noted = '', extraTool = ''] = process.argv.slice(2);
const log = (event, data = {}) => appendFileSync(logFile, `${JSON.stringify({ event, pid: process.pid, ...data })}\n`);
const values = Object.fromEntries(
  noted
    .split(',')
    .filter(Boolean)
    .map((name) => [name, process.env[name] ?? null]),
);
log('start', { names: Object.keys(process.env).sort(), values, cwd: process.cwd() });

const object = (properties, required = []) => ({ type: 'object', properties, required });
const tools = [
  {
    name: 'provision_workspace',
    description: 'Makes a workspace.',
    inputSchema: object({ name: { type: 'string' } }, ['name']),
  },
  { name: 'fail_always', description: 'Fails.', inputSchema: object({}) },
  { name: 'wait_long', description: 'Waits for a minute.', inputSchema: object({}) },
  ...(extraTool === '' ? [] : [{ name: extraTool, description: 'An extra tool.', inputSchema: object({}) }]),
];

function answer(method, params) {
  if (method === 'initialize') {
    const capabilities = { tools: {} };
    return {
      protocolVersion: params.protocolVersion,
      capabilities,
      serverInfo: { name: 'probe', version: '1.0.0' },
      instructions: 'MARK_SERVER_INSTRUCTIONS',
    };
  }
  if (method === 'tools/list') return { tools };
  if (method === 'tools/call') {
    log('call', { tool: params.name, args: params.arguments ?? {} });
    if (params.name === 'fail_always')
      return { isError: true, content: [{ type: 'text', text: 'it failed on purpose' }] };
    return { content: [{ type: 'text', text: JSON.stringify({ id: 'ws-1', ...params.arguments }) }] };
  }
  return {};
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined) return;
    if (method === 'tools/call' && params.name === 'wait_long') {
      log('call', { tool: params.name });
      setTimeout(() => {}, 60_000);
      return;
    }
    const known = ['initialize', 'ping', 'tools/list', 'tools/call'].includes(method);
    const body = known ? { result: answer(method, params) } : { error: { code: -32601, message: 'unknown method' } };
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...body })}\n`);
  })
  .on('close', () => process.exit(0));
