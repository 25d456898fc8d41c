// Records what the real CLIs say on the scripted model, for tests that replay it:
//   node --conditions=source packages/adapters/test/transcripts/record.ts RUNTIME BINARY VARIABLE [CASE]
// One file per case in RUNTIME-VERSION/: the first line holds what was written, then every line of stdout, with paths and long lists left out.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxProcess } from '../../src/index.ts';
import { adapterFor } from '../../src/index.ts';
import { installedRuntime } from '../conformance/installed-runtime.ts';
import { collect, TestBox, turn } from '../conformance/test-box.ts';

const [runtime = 'claude-code', binary = 'claude', variable = 'MOLECULE_CLAUDE_CODE_PATH', only = ''] =
  process.argv.slice(2);
type Step = ReturnType<TestBox['script']>;
const CALL: Step = { calls: [{ tool: 'provision_workspace', args: { name: 'research' } }] };

const CASES: Readonly<
  Record<string, { readonly steps: readonly Step[]; readonly prompts: readonly string[]; readonly cancel?: boolean }>
> = {
  'tool-turn': { steps: [CALL, { text: ['All ', 'done.'] }], prompts: ['make a workspace'] },
  'two-turns': { steps: [{ text: ['Noted.'] }], prompts: ['remember PEAR', 'what was it?'] },
  'tool-failure': { steps: [{ calls: [{ tool: 'fail_always' }] }, { text: ['It failed.'] }], prompts: ['fail'] },
  'auth-failure': { steps: [{ text: 'x', fail: { kind: 'auth', retryAfterSeconds: 0 } }], prompts: ['hello'] },
  'budget-failure': { steps: [{ text: 'x', fail: { kind: 'budget', retryAfterSeconds: 0 } }], prompts: ['hello'] },
  'rate-limit': { steps: [{ text: 'x', fail: { kind: 'rate_limit', retryAfterSeconds: 0 } }], prompts: ['hello'] },
  'context-failure': {
    steps: [
      { text: 'x', fail: { kind: 'bad_request', message: 'prompt is too long: 250000 tokens > 200000 maximum' } },
    ],
    prompts: ['hello'],
  },
  cancelled: { steps: [{ text: ['Well, ', 'never'], hangAfterDeltas: 1 }], prompts: ['wait'], cancel: true },
};

const adapter = adapterFor(runtime);
for (const [name, { steps, prompts, cancel }] of Object.entries(CASES)) {
  if (only !== '' && only !== name) continue;
  const box = await new TestBox(adapter, { PATH: process.env['PATH'], [variable]: installedRuntime(binary) }).open();
  box.render({ servers: [box.probeServer()], identity: 'You are X.' });
  box.script = (request) => steps[Math.min(request.results.length, steps.length - 1)] ?? {};
  const lines: string[] = [];
  const spawn = async (plan: Parameters<typeof box.processes.spawn>[0]): Promise<BoxProcess> => {
    const child = await box.processes.spawn(plan);
    return {
      ...child,
      lines: (async function* () {
        for await (const line of child.lines) {
          lines.push(line.text);
          yield line;
        }
      })(),
      write: (text) => {
        lines.push(JSON.stringify({ written: text.trimEnd() }));
        return child.write(text);
      },
    };
  };
  const session = adapter.openSession(box.context({ spawn }));
  let sessionId: string | null = null;
  for (const prompt of prompts) {
    const controller = new AbortController();
    const events = session.runTurn(turn(prompt, { sessionId, signal: controller.signal }));
    if (cancel === true) for await (const event of events) if (event.type === 'text') controller.abort();
    if (cancel !== true)
      sessionId =
        (await collect(events)).flatMap((event) => (event.type === 'end' ? [event.sessionId] : []))[0] ?? null;
  }
  await session.close(300);
  const folder = join(import.meta.dirname, `${runtime}-${box.detection().version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.jsonl`), lines.map((line) => `${sanitized(line, box.layout.root)}\n`).join(''));
  await box.close();
}

/** Without paths of this machine, addresses, and lists that say nothing about a turn. */
function sanitized(line: string, root: string): string {
  const text = line
    .replaceAll(root, '/box')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:80')
    .replaceAll(process.execPath, 'node')
    .replaceAll(process.cwd(), '/repo');
  const value = JSON.parse(text) as Record<string, unknown>; // every line is an object
  const { type, subtype, session_id, model, mcp_servers, tools } = value;
  const kept = subtype === 'init' ? { type, subtype, session_id, model, mcp_servers, tools } : value;
  return JSON.stringify(kept, (key, item: unknown) => {
    // The CLI's own prompts and descriptions are its maker's, and say nothing about a turn.
    if (typeof item === 'string' && item.length > 400 && key !== 'written') return item.slice(0, 60);
    const isList = Array.isArray(item) && item.length > 8 && /^[a-zA-Z_]+$/.test(key) && key !== 'content';
    return isList ? item.slice(0, 2) : item;
  });
}
