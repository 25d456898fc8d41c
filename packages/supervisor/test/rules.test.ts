import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MoleculeError, newId, type SelfReport, type TurnEvent } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { describeFailure } from '../src/box/boot-journal.ts';
import { CONTEST_WINDOW_MS, countRepairs } from '../src/box/drift-rule.ts';
import { Redaction } from '../src/box/redaction.ts';
import { type SelfReportFacts, selfReport } from '../src/box/self-report.ts';
import { pauseBefore } from '../src/client/control-plane-client.ts';
import { EventStreamParser } from '../src/client/event-stream-parser.ts';
import { Slots } from '../src/host/slots.ts';
import { TimerWheel } from '../src/host/timer-wheel.ts';
import { descriptorsAgree } from '../src/proof/descriptor-agreement.ts';
import { expandReferences, unexpandedReferences } from '../src/proof/reference-expansion.ts';
import { EventUploader } from '../src/turns/event-uploader.ts';
import { Outbox } from '../src/turns/outbox.ts';
import { desiredState, mcpServer, until } from './harness.ts';

test('an event stream is understood however it is cut', () => {
  const text = ': hello\n\ndata: {"a":1}\n\nevent: x\r\ndata: two\r\ndata: lines\r\n\r\ndata:tight\n\n';
  for (let size = 1; size <= text.length; size += 1) {
    const parser = new EventStreamParser();
    const found: string[] = [];
    for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)));
    expect(found).toEqual(['{"a":1}', 'two\nlines', 'tight']);
  }
});

test('pauses between attempts double up to a limit and are spread', () => {
  expect([2, 3, 4, 20].map((attempt) => pauseBefore(attempt, () => 1))).toEqual([50, 100, 200, 2_000]);
  expect(pauseBefore(2, () => 0)).toBe(25);
});

test('the wheel fires each entry once, never early, and holds no timer when empty', async () => {
  const wheel = new TimerWheel();
  const fired: string[] = [];
  const entry = (name: string) => ({ onDue: () => void fired.push(name) });
  const startedAt = performance.now();
  const [a, b, c] = [entry('a'), entry('b'), entry('c')];
  wheel.set(a, 120);
  wheel.set(b, 10);
  wheel.set(c, 10);
  wheel.clear(c);
  wheel.set(b, 20);
  await until('both', () => fired.length === 2);
  expect(fired).toEqual(['b', 'a']);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(119);
  expect(wheel.size).toBe(0);
});

test('slots bound what runs at once and keep the order', async () => {
  const slots = new Slots(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 9 }, (_, index) =>
      slots.run(async () => {
        running += 1;
        most = Math.max(most, running);
        order.push(index);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('three repairs of one file within the window make it contested, old ones do not count', () => {
  let state = countRepairs({}, ['a'], 0);
  state = countRepairs(state.history, ['a', 'b'], 1_000);
  expect(state.contested).toEqual([]);
  expect(countRepairs(state.history, ['a'], 2_000).contested).toEqual(['a']);
  expect(countRepairs(state.history, ['a'], CONTEST_WINDOW_MS + 1_500).contested).toEqual([]);
});

test(verifies(['B72', 'B37'], 'references are filled from the environment, and what is left is named'), () => {
  expect(expandReferences('Bearer ${secret:KEY} ${A:-b} ${GONE}', { KEY: 'k' })).toBe('Bearer k b ${GONE}');
  expect(unexpandedReferences({ A: 'x', B: 'y${GONE}' })).toEqual(['B=${GONE}']);
});

test(
  verifies(
    'B69',
    'a server read back agrees with its declaration in any order and spelling of references, and with nothing else',
  ),
  () => {
    const declared = { type: 'stdio' as const, command: 'x', args: ['a'], env: { A: '${secret:K}', B: '2' } };
    expect(descriptorsAgree(declared, { ...declared, env: { B: '2', A: '${K}' } })).toBe(true);
    expect(descriptorsAgree(declared, { ...declared, args: [] })).toBe(false);
    expect(descriptorsAgree(declared, { ...declared, env: { A: '${K}' } })).toBe(false);
    expect(descriptorsAgree(declared, { type: 'http', url: 'x', headers: {} })).toBe(false);
  },
);

test('secrets are struck out at any depth, the longer one first', () => {
  const redaction = new Redaction(['secret-value', 'secret-value-longer', 'short', null]);
  expect(redaction.apply({ a: ['x secret-value-longer', { b: 'secret-value short' }], n: 1 })).toEqual({
    a: ['x [redacted]', { b: '[redacted] short' }],
    n: 1,
  });
});

test.each([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EROFS', 'not_writable'],
  ['EMFILE', 'EMFILE'],
])('a failed step with %s has the code %s', (system, code) => {
  expect(describeFailure(Object.assign(new Error('write failed'), { code: system })).code).toBe(code);
  expect(describeFailure(new MoleculeError('runtime_unknown')).code).toBe('runtime_unknown');
});

test(
  verifies(['B84', 'B91', 'B75', 'T41', 'T22'], 'the self-report says what is known and leaves out what is not'),
  () => {
    const tools = mcpServer('molecule-platform', [], { requiredTools: ['go'] });
    const detection = {
      available: true,
      path: '/x',
      version: '1',
      problem: null,
      hasLogin: false,
      loginPath: null,
      readPaths: [],
    };
    const report = (more: Partial<SelfReportFacts>, kind = 'platform'): SelfReport =>
      selfReport({
        desired: desiredState(newId(), newId(), { kind, servers: [tools] }),
        detection,
        rendered: { 'molecule-platform': { ok: true, reason: null } },
        live: {},
        isIdentityInPlace: false,
        diagnosis: null,
        ...more,
      });
    expect(report({})).toEqual({ mcp_server_present: true, configuration_status: 'ready' });
    expect(report({ rendered: {} })).toMatchObject({ mcp_server_present: false });
    expect(report({}, 'workspace')).not.toHaveProperty('mcp_server_present');
    expect(report({ live: { 'molecule-platform': null } })).toMatchObject({ mcp_tools_ready: false });
    expect(report({ live: { 'molecule-platform': null } })).not.toHaveProperty('loaded_mcp_tools');
    expect(report({ live: { 'molecule-platform': [] } })).toMatchObject({
      mcp_tools_ready: false,
      loaded_mcp_tools: [],
    });
    // B92: tool ids are compared with tool ids; a tool of that name on another server does not count.
    expect(report({ live: { 'molecule-platform': ['mcp__other__go'] } })).toMatchObject({ mcp_tools_ready: false });
    expect(
      report({ live: { 'molecule-platform': ['mcp__molecule-platform__go'] }, isIdentityInPlace: true }),
    ).toMatchObject({ mcp_tools_ready: true, identity_digest: 'sha256:identity' });
    expect(report({ detection: { ...detection, available: false, problem: 'too old' } })).toMatchObject({
      configuration_status: 'not_configured',
      configuration_reason: 'too old',
    });
  },
);

test('text of a turn is joined while a batch is under way, and indexes never change', async () => {
  const sent: { from: number; events: readonly TurnEvent[] }[] = [];
  let fail = true;
  const uploader = new EventUploader(async (from, events) => {
    sent.push({ from, events: [...events] });
    if (fail) throw new Error('away');
  });
  uploader.add({ type: 'text', text: 'a' });
  await until('the first attempt', () => sent.length === 1);
  fail = false;
  await until('the second attempt', () => sent.length >= 2);
  for (const text of ['b', 'c', 'd']) uploader.add({ type: 'text', text });
  uploader.add({ type: 'error', code: 'tool', message: 'x' });
  await until('the rest', () => sent.at(-1)?.events.some(({ type }) => type === 'error'));
  uploader.close();
  const joined: TurnEvent[] = [];
  for (const { from, events } of sent) joined.splice(from, events.length, ...events);
  expect(joined).toEqual(uploader.all());
  expect(
    uploader
      .all()
      .map((event) => (event.type === 'text' ? event.text : ''))
      .join(''),
  ).toBe('abcd');
});

test('a damaged record in the outbox is set aside and does not hold up the others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-outbox-'));
  const outbox = new Outbox(folder);
  const record = {
    taskId: newId(),
    result: {
      bootId: newId(),
      attempt: 3,
      ok: true,
      text: 't',
      failure: null,
      message: null,
      sessionId: null,
      usage: null,
      events: [],
    } as never,
  };
  outbox.add(record);
  writeFileSync(join(folder, 'outbox', 'aaa-1.json'), '{"half');
  writeFileSync(join(folder, 'outbox', 'bbb-1.json.0a0a.partial'), '{"ha');
  expect(outbox.waiting()).toEqual([record]);
  outbox.remove(record);
  expect(readdirSync(join(folder, 'outbox'))).toEqual(['aaa-1.json.corrupt']);
  rmSync(folder, { recursive: true });
});
