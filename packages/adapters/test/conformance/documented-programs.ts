import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Stand-ins for programs that cannot be installed here, written at test time. They follow the documented command line, files and
 * output of the program and know nothing of ours; they prove that we speak the documented format, and no more than that.
 */
export function writeProgram(folder: string, name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${source}`);
  chmodSync(path, 0o755);
  return path;
}

/** `hermes --version` and `hermes acp`: Agent Client Protocol, version 1, sessions kept below HERMES_HOME. */
export const DOCUMENTED_HERMES = `
const fs = require('node:fs');
const path = require('node:path');
const { createInterface } = require('node:readline');
const args = process.argv.slice(2);
if (args[0] === '--version') { console.log('Hermes Agent v0.21.0 (2026.8.31)'); process.exit(0); }
if (args.join(' ') !== 'acp') { console.error('unknown command ' + args.join(' ')); process.exit(2); }
const home = process.env.HERMES_HOME;
fs.appendFileSync(path.join(home, 'launches.jsonl'), JSON.stringify({ args, cwd: process.cwd(), config: fs.readFileSync(path.join(home, 'config.yaml'), 'utf8'), persona: fs.readFileSync(path.join(home, 'SOUL.md'), 'utf8') }) + '\\n');
const fileOf = (id) => path.join(home, 'session-' + id + '.json');
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
let cancel = null;
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const reply = (result) => send({ id, result });
  const update = (update) => send({ method: 'session/update', params: { sessionId: params.sessionId, update } });
  const say = (text) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
  if (method === 'initialize') return reply({ protocolVersion: 1, agentCapabilities: { loadSession: true }, authMethods: [{ id: 'hermes-setup', name: 'setup' }] });
  if (method === 'session/new') { const sessionId = 's' + Date.now() + Math.random().toString(36).slice(2); fs.writeFileSync(fileOf(sessionId), '[]'); return reply({ sessionId }); }
  if (method === 'session/load') return fs.existsSync(fileOf(params.sessionId)) ? reply({}) : send({ id, error: { code: -32602, message: 'no such session' } });
  if (method === 'session/cancel') return cancel?.();
  if (method !== 'session/prompt') return id === undefined ? undefined : send({ id, error: { code: -32601, message: 'unknown method' } });
  const text = params.prompt.map((part) => part.text).join('');
  const said = JSON.parse(fs.readFileSync(fileOf(params.sessionId), 'utf8'));
  fs.writeFileSync(fileOf(params.sessionId), JSON.stringify([...said, text]));
  if (text.includes('DIE')) process.exit(7);
  if (text.includes('REFUSED')) return send({ id, error: { code: -32603, message: 'Error code: 401 - invalid api key' } });
  if (text.includes('SLOW')) { say('a'); cancel = () => reply({ stopReason: text.includes('SLOW END') ? 'end_turn' : 'cancelled' }); return; }
  if (text.includes('CALL')) {
    update({ sessionUpdate: 'tool_call', toolCallId: 't1', title: 'mcp__molecule_platform__provision_workspace', status: 'pending', rawInput: { name: 'research' } });
    update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'completed', content: [{ type: 'content', content: { type: 'text', text: 'made' } }] });
  }
  say('heard ');
  say([...said, text].join(' | '));
  reply({ stopReason: 'end_turn', usage: { inputTokens: 11, outputTokens: 3, totalTokens: 14 } });
}).on('close', () => process.exit(0));
`;

/** `openclaw --version`, `openclaw agent --local --json …` and `openclaw mcp list --json`. */
export const DOCUMENTED_OPENCLAW = `
const fs = require('node:fs');
const path = require('node:path');
const args = process.argv.slice(2);
if (args[0] === '--version') { console.log('2026.9.4'); process.exit(0); }
const state = process.env.OPENCLAW_STATE_DIR;
const source = fs.readFileSync(process.env.OPENCLAW_CONFIG_PATH, 'utf8');
const config = JSON.parse(source, (_key, value) => typeof value !== 'string' ? value : value.replace(/\\$\\{([A-Z_][A-Z0-9_]*)\\}/g, (whole, name) => {
  if (process.env[name] === undefined) { console.error('Missing env var "' + name + '"'); process.exit(1); }
  return process.env[name];
}));
const option = (name) => args[args.indexOf(name) + 1];
if (args.slice(0, 2).join(' ') === 'mcp list') { console.log(JSON.stringify({ servers: config.mcp?.servers ?? {} }, null, 2)); process.exit(0); }
if (args[0] !== 'agent' || !args.includes('--local') || !args.includes('--json')) { console.error('unknown command'); process.exit(2); }
const persona = fs.readFileSync(path.join(config.agents.defaults.workspace, 'SOUL.md'), 'utf8');
fs.appendFileSync(path.join(state, 'launches.jsonl'), JSON.stringify({ args, cwd: process.cwd(), config: source, persona }) + '\\n');
const text = fs.readFileSync(option('--message-file'), 'utf8');
const sessionId = option('--session-id');
const file = path.join(state, 'agents', 'main', 'sessions', sessionId + '.jsonl');
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.appendFileSync(file, JSON.stringify(text) + '\\n');
const said = fs.readFileSync(file, 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
if (text.includes('DIE')) process.exit(7);
const print = (value) => { console.error('a line of its log'); console.log(JSON.stringify(value, null, 2)); };
if (text.includes('SLOW')) setTimeout(() => {}, 60000);
else if (text.includes('REFUSED')) print({ payloads: [], meta: { durationMs: 5, error: { kind: 'auth', message: 'HTTP 401: invalid api key' } } });
else print({ payloads: [{ text: 'heard ' + said.join(' | '), mediaUrl: null }], meta: { durationMs: 5, agentMeta: { sessionId, provider: 'molecule', model: config.agents.defaults.model.primary, usage: { input: 11, output: 3 } }, aborted: false } });
`;
