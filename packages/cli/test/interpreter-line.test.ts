import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { interpreterLine } from '../src/installation/interpreter-line.ts';

test.each(['plain', 'with a blank', "with a 'quote' and a blank", `long-${'x'.repeat(200)}`])(
  verifies('I2-mcp-pipe', 'a program starts by its name wherever its Node lies: %s'),
  (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'molecule-interpreter-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, name));
    const node = join(folder, name, 'node');
    symlinkSync(process.execPath, node);
    const program = join(folder, 'program');
    const body =
      '"use strict";\nconsole.log(JSON.stringify([(function () { return this === undefined; })(), ...process.argv.slice(2)]));\n';
    writeFileSync(program, interpreterLine(node) + body);
    chmodSync(program, 0o755);
    const { stdout, stderr } = spawnSync(program, ['an argument', '$HOME'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([true, 'an argument', '$HOME']);
  },
);
