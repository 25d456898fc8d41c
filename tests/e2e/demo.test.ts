import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesOf, runCli } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { pathWithRuntimes } from './runtimes-path.ts';

/** A temporary folder of its own, in which whatever the demo leaves can be seen. */
function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-demo-test-'));
  chmodSync(folder, 0o711); // the database's own account has to pass through
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const DEMO_LIMIT = { limitMs: 240_000 };

test.each(['molecule-agent', 'claude-code'])(
  verifies(
    ['I2-story-demo', 'I2-story-claude', 'I2-cli-progress'],
    'the demo goes all the way with %s, without a key even where there is one, and leaves nothing',
  ),
  { timeout: 300_000 },
  async (runtime) => {
    const folder = scratch();
    const env = {
      TMPDIR: folder,
      PATH: pathWithRuntimes(),
      ANTHROPIC_API_KEY: 'sk-ant-not-for-a-demo',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    };
    const demo = await runCli(['--json', 'demo', '--runtime', runtime], { env, ...DEMO_LIMIT });
    expect(demo.code, demo.stderr + demo.stdout).toBe(0);
    const value = JSON.parse(demo.stdout) as { ok: boolean; steps: { name: string; ms: number }[] };
    expect(value.ok).toBe(true);
    expect(value.steps.map(({ name }) => name)).toEqual([
      'PostgreSQL',
      'Migrations',
      'Control plane',
      'Box host',
      'Concierge',
      'The concierge is online, and its management server was witnessed',
      expect.stringContaining('Chat'),
      'The agent itself called provision_workspace',
      'The workspace "research" is online and proved',
      'Everything stopped',
      'Nothing is left running',
    ]);
    expect(readdirSync(folder).filter((name) => name.startsWith('molecule-'))).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
  },
);

test(verifies(
  ['I2-story-demo', 'I2-cli-exit'],
  'a demo in which the agent does nothing fails, says what, and leaves nothing',
), { timeout: 300_000 }, async () => {
  const folder = scratch();
  const mute = join(folder, 'claude');
  // Gives its version, as the real one does, and then never does anything.
  writeFileSync(mute, '#!/bin/sh\ncase "$1" in --version) echo "2.1.329 (Claude Code)";; *) exit 1;; esac\n', {
    mode: 0o755,
  });
  const demo = await runCli(['demo', '--runtime', 'claude-code'], {
    env: { TMPDIR: folder, MOLECULE_CLAUDE_CODE_PATH: mute },
    ...DEMO_LIMIT,
  });
  expect(demo.code).toBe(1);
  expect(demo.stderr).toMatch(/The demo failed|concierge is/);
  expect(demo.stderr).toContain('molecule doctor');
  expect(demo.stdout).not.toContain('Every step really happened');
  expect(processesOf(folder)).toEqual([]);
});
