import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '@molecule/backends';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boxFixture, runToEnd, shell } from './box-fixture.ts';

describe('variables that a loader or a shell obeys', () => {
  const box = boxFixture();
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await createSandbox({ ...box.policy(), environment: ['*'] });
  });
  afterAll(() => {
    sandbox.close();
    box.remove();
  });

  test(
    verifies(
      'I2-sup-sandbox',
      'are not obeyed by the programs that lead into the sandbox, which still run outside of it',
    ),
    async () => {
      // The loader writes its report to a place that the box cannot reach: whoever wrote it ran outside.
      const outside = join(box.data, 'host', 'loader');
      const env = { LD_DEBUG: 'libs', LD_DEBUG_OUTPUT: outside, LD_PRELOAD: join(box.own, 'nothing.so') };
      const run = await runToEnd(shell('echo started', box.own, env), { sandbox });
      expect(run.stdout).toContain('started');
      expect(readdirSync(join(box.data, 'host')).filter((name) => name.startsWith('loader'))).toEqual([]);
    },
  );

  test('reach the program inside as they were given, whatever is in them', async () => {
    const LD_LIBRARY_PATH = `${box.own}/a "lib" $(id)\n'x'`;
    const run = await runToEnd(
      shell('printf %s "$LD_LIBRARY_PATH"; env | grep -c INNER || true', box.own, { LD_LIBRARY_PATH }),
      {
        sandbox,
      },
    );
    expect(run.stdout).toBe(`${LD_LIBRARY_PATH}0\n`);
  });

  test('that are no names are left out: a shell would take them for functions', async () => {
    const env = { 'BASH_FUNC_env%%': '() { echo taken; }', PLAIN: 'kept' };
    const run = await runToEnd({ command: '/usr/bin/env', args: [], cwd: box.own, env }, { sandbox });
    expect(run.stdout).toContain('PLAIN=kept');
    expect(run.stdout).not.toContain('BASH_FUNC');
  });
});
