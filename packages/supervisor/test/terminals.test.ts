import { tmpdir } from 'node:os';
import type { BoxProcess } from '@molecule/adapters';
import { isMoleculeError, newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { OutputRing } from '../src/calls/output-ring.ts';
import type { TerminalLimits } from '../src/calls/terminal.ts';
import { findTerminalProgram } from '../src/calls/terminal-program.ts';
import { Terminals } from '../src/calls/terminals.ts';
import { startPlainProcess } from '../src/index.ts';

const LONG: TerminalLimits = { idleMs: 600_000, unwatchedMs: 600_000 };

function open(limits: TerminalLimits = LONG) {
  const children = new Set<BoxProcess>();
  const ends: string[] = [];
  const terminals = new Terminals({
    program: findTerminalProgram(),
    cwd: tmpdir(),
    env: { PATH: '/usr/bin:/bin', HOME: tmpdir(), PS1: '$ ' },
    limits,
    onEnded: (_info, reason) => void ends.push(reason),
    spawn: async (plan) => {
      const child = await startPlainProcess(plan);
      children.add(child);
      return { child, release: () => void children.delete(child) };
    },
  });
  onTestFinished(async () => void (await Promise.all([...children].map((child) => child.end(0)))));
  return { terminals, ends, children };
}

/** Reads on until the output holds the text. */
async function readUntil(terminals: Terminals, id: string, text: string, from = 0): Promise<string> {
  let all = '';
  for (let at = from, tries = 0; !all.includes(text); tries += 1) {
    if (tries > 200) throw new Error(`${text} did not come; the last was ${JSON.stringify(all.slice(-300))}`);
    const piece = await terminals.read(id, at, 5_000);
    all += Buffer.from(piece.data, 'base64').toString();
    at = piece.from + Buffer.byteLength(piece.data, 'base64');
    if (piece.ended !== null) break;
  }
  return all;
}

const typed = (line: string): string => Buffer.from(`${line}\n`).toString('base64');

test(
  verifies(
    'I6-panel-terminal',
    'output is read from any position again, by any number of viewers, and the size reaches the shell',
  ),
  async () => {
    const { terminals } = open();
    const { id } = await terminals.open(newId(), 'user:x', 80, 24);
    await terminals.write(id, typed('echo one=$((1+0))'));
    const first = await readUntil(terminals, id, 'one=1');
    expect(await readUntil(terminals, id, 'one=1')).toContain(first.slice(0, 20));
    await terminals.resize(id, 101, 33);
    await terminals.write(id, typed('stty size'));
    await readUntil(terminals, id, '33 101');
    expect(terminals.list()).toMatchObject([{ id, openedBy: 'user:x', cols: 101, rows: 33 }]);
    await terminals.close(id);
    expect((await terminals.read(id, 1e9, 0)).ended).toBe('closed');
    const late = await terminals.write(id, typed('echo no')).catch((error: unknown) => error);
    expect(isMoleculeError(late, 'terminal_not_found')).toBe(true);
  },
);

test(verifies('I6-panel-terminal', 'a terminal that nobody uses is ended, and its process with it'), async () => {
  const { terminals, ends, children } = open({ idleMs: 300, unwatchedMs: 600_000 });
  const { id } = await terminals.open(newId(), 'user:x', 80, 24);
  await expect.poll(() => ends).toEqual(['idle']);
  expect((await terminals.read(id, 0, 0)).ended === 'idle' || (await terminals.read(id, 1e9, 0)).ended === 'idle').toBe(
    true,
  );
  expect([terminals.list(), children.size]).toEqual([[], 0]);
});

test(verifies('I6-panel-terminal', 'there are only so many in one box'), async () => {
  const { terminals } = open();
  for (let index = 0; index < 4; index += 1) await terminals.open(newId(), 'user:x', 80, 24);
  const fifth = await terminals.open(newId(), 'user:x', 80, 24).catch((error: unknown) => error);
  expect(isMoleculeError(fifth, 'terminal_refused')).toBe(true);
});

test(verifies('I6-panel-terminal', 'the scrollback is bounded and says from where it still has something'), () => {
  const ring = new OutputRing(100);
  for (let index = 0; index < 50; index += 1) ring.push(Buffer.from(String(index).padStart(10, '.')));
  expect(ring.end).toBe(500);
  expect(ring.end - ring.start).toBeLessThanOrEqual(110);
  expect(ring.read(0, 1000)).toEqual({
    from: ring.start,
    bytes: expect.objectContaining({ length: 500 - ring.start }),
  });
  expect(ring.read(485, 10).bytes.toString()).toBe('...48.....');
  expect(ring.read(999, 10)).toMatchObject({ from: 500 });
});
