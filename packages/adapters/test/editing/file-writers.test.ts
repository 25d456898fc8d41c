import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { readConfigFile } from '../../src/editing/file/config-file.ts';
import { reconcileConfigFile } from '../../src/editing/file/reconcile-config-file.ts';
import { replaceFile } from '../../src/editing/file/replace-file.ts';
import { updateConfigFile } from '../../src/editing/file/update-config-file.ts';
import { jsonFormat } from '../../src/editing/json/json-format.ts';
import { EMPTY_LEDGER } from '../../src/editing/ledger.ts';
import { ok } from '../../src/editing/outcome.ts';
import { BOX_POLICY } from '../../src/editing/reconcile-policy.ts';
import { ended, printed, startProgram } from './child-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const OURS = { path: ['mcpServers', 'molecule-platform'], value: { command: 'node' } };

test(verifies(
  ['B56', 'B68', 'I3-edit-parallel'],
  'twelve parallel writer processes lose nothing, even when they start at the lock of a killed one',
), async () => {
  const file = join(temporaryDirectory(), 'config.json');
  writeFileSync(file, '{\n  "mcpServers": {\n    "mine": {"command": "x"}\n  }\n}\n');
  await killedBeforeRename(file);
  const names = Array.from({ length: 12 }, (_, index) => `w${index}`);
  await Promise.all(names.map((name) => ended(startProgram('parallel-writer', [file, name, '4']))));
  const servers = Object.keys(JSON.parse(readFileSync(file, 'utf8')).mcpServers).sort();
  expect(servers).toEqual(['mine', ...names.flatMap((name) => [0, 1, 2, 3].map((index) => `${name}-${index}`))].sort());
  expect(readdirSync(join(file, '..'))).toEqual(['config.json']);
}, 240_000);

test(
  verifies(['B56', 'T31'], 'a writer killed between temporary file and rename leaves the old file, and blocks nobody'),
  async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'config.json');
    writeFileSync(file, '{"old": true}\n');
    const child = startProgram('stuck-writer', [file]);
    await printed(child, 'before rename');
    expect(readdirSync(directory).some((name) => name.endsWith('.molecule-tmp'))).toBe(true);
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exit;
    expect(readFileSync(file, 'utf8')).toBe('{"old": true}\n');
    const done = await reconcileConfigFile(file, jsonFormat, [OURS], { ledger: EMPTY_LEDGER, policy: BOX_POLICY });
    expect(done.ok && done.value.written).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      old: true,
      mcpServers: { 'molecule-platform': { command: 'node' } },
    });
    expect(readdirSync(directory)).toEqual(['config.json']);
  },
);

test(
  verifies(['B68', 'I3-edit-foreign'], 'beside a foreign program that rewrites the file, both keep their entries'),
  async () => {
    const file = join(temporaryDirectory(), 'config.json');
    writeFileSync(file, '{}\n');
    let running = true;
    const foreign = ended(startProgram('foreign-writer', [file, '60'])).finally(() => {
      running = false;
    });
    let writes = 0;
    const reconcileOnce = async () => {
      const done = await reconcileConfigFile(file, jsonFormat, [OURS], { ledger: EMPTY_LEDGER, policy: BOX_POLICY });
      if (!done.ok) throw new Error(done.error.reason.message);
      if (done.value.written) writes += 1;
      expect(done.value.setAside).toBeUndefined();
    };
    while (running) await reconcileOnce();
    await foreign;
    await reconcileOnce();
    const value = JSON.parse(readFileSync(file, 'utf8'));
    expect(value.mcpServers).toEqual({ 'molecule-platform': { command: 'node' } });
    expect(writes).toBeGreaterThan(0);
    expect(Object.keys(value).filter((key) => key.startsWith('foreign-'))).toHaveLength(60);
  },
);

test(verifies('B56', 'a file that changed since it was read is not replaced'), async () => {
  const file = join(temporaryDirectory(), 'config.json');
  writeFileSync(file, '{"a": 1}');
  const read = await readConfigFile(file);
  if (!read.ok) throw new Error(read.error.message);
  writeFileSync(file, '{"a": 2}');
  expect(await replaceFile(read.value, '{"a": 3}')).toEqual({ ok: true, value: { kind: 'stale' } });
  expect(readFileSync(file, 'utf8')).toBe('{"a": 2}');
});

test(
  verifies(['B68', 'I3-edit-foreign'], 'a foreign write between reading and replacing is merged, not lost'),
  async () => {
    const file = join(temporaryDirectory(), 'config.json');
    writeFileSync(file, '{"a": 1}\n');
    let intruded = false;
    const done = await updateConfigFile(
      file,
      (text) => {
        const edited = jsonFormat.edit(text ?? '', [{ op: 'set', path: ['ours'], value: true }]);
        return edited.ok ? ok({ text: edited.value.text, report: 'done' }) : edited;
      },
      {
        beforeReplace: async () => {
          if (!intruded) writeFileSync(file, '{"a": 1, "theirs": true}\n');
          intruded = true;
        },
      },
    );
    expect(done.ok && done.value.foreignWrites).toBe(1);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ a: 1, theirs: true, ours: true });
  },
);

test.each(['', '{"theirs": {"a": '])(
  verifies('B55', 'half of a foreign write (%j) is waited for, not taken for a corrupt or a blank file'),
  async (half) => {
    const file = join(temporaryDirectory(), 'config.json');
    writeFileSync(file, half);
    const seen: (string | undefined)[] = [];
    const done = await updateConfigFile(file, (text) => {
      seen.push(text);
      // The foreign program goes on writing after its half was read.
      if (seen.length === 1) writeFileSync(file, '{"theirs": 1}');
      const edited = jsonFormat.edit(text ?? '', [{ op: 'set', ...OURS }]);
      return edited.ok ? ok({ text: edited.value.text, report: undefined }) : edited;
    });
    expect(done.ok && done.value.written).toBe(true);
    expect(seen.slice(0, 2)).toEqual([half, '{"theirs": 1}']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      theirs: 1,
      mcpServers: { 'molecule-platform': OURS.value },
    });
  },
);

test(verifies('B56', 'a file that is rewritten before every attempt is reported as contested'), async () => {
  const file = join(temporaryDirectory(), 'config.json');
  writeFileSync(file, '{}');
  let round = 0;
  const done = await updateConfigFile<string, never>(file, () => ok({ text: '{"ours": 1}', report: '' }), {
    beforeReplace: async () => {
      round += 1;
      writeFileSync(file, `{"round": ${round}}`);
    },
  });
  expect(done.ok ? '' : done.error.code).toBe('contested');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ round });
});

test(verifies('B56', 'a new file comes with its directories, private, and the ledger is saved first'), async () => {
  const file = join(temporaryDirectory(), 'deep', 'er', 'config.json');
  const seen: boolean[] = [];
  const done = await reconcileConfigFile(file, jsonFormat, [OURS], {
    ledger: EMPTY_LEDGER,
    policy: BOX_POLICY,
    saveLedger: async (ledger) => {
      seen.push(existsSync(file), ledger.entries.length === 1);
    },
  });
  expect(done.ok).toBe(true);
  expect(seen).toEqual([false, true]);
});

/** Leaves what a writer killed at the worst moment leaves: its temporary file and its lock. */
async function killedBeforeRename(file: string): Promise<void> {
  const child = startProgram('stuck-writer', [file]);
  await printed(child, 'before rename');
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}
