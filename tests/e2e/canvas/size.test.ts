import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';

test(verifies('I6-bench-size', 'shell and routes keep their budgets'), () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('../../../bench/canvas-size.mjs', import.meta.url))],
    { encoding: 'utf8' },
  );
  expect(JSON.parse(stdout)).toMatchObject({ over: [] });
  expect(status).toBe(0);
});
