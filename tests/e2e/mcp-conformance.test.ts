import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALLATION_ROOT, startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuthorizingProxy, startAuthorizingProxy } from './authorizing-proxy.ts';

const SUITE = join(INSTALLATION_ROOT, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
const manifest = JSON.parse(readFileSync(new URL('mcp-conformance.json', import.meta.url), 'utf8')) as {
  readonly applies: readonly string[];
  readonly doesNotApply: readonly { readonly why: string; readonly scenarios: readonly string[] }[];
};

let house: TestInstallation;
let proxy: AuthorizingProxy;
beforeAll(async () => {
  house = await startTestInstallation();
  // The suite cannot send a token.
  proxy = await startAuthorizingProxy(house.ready.url, house.ready.token);
});
afterAll(async () => {
  await proxy?.close();
  await house?.dispose();
});

function suite(...args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // Its reports go where it runs.
    execFile(process.execPath, [SUITE, ...args], { cwd: tmpdir(), timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
}

test(
  verifies('I2-mcp-conformance', 'each scenario of the official suite is run, or said not to apply with the reason'),
  async () => {
    const { output } = await suite('list');
    const server = output.slice(0, output.indexOf('Client scenarios'));
    const known = [...server.matchAll(/^ {2}- (\S+) \[/gm)].map(([, name]) => name);
    expect(known.length).toBeGreaterThan(20);
    expect([...manifest.applies, ...manifest.doesNotApply.flatMap(({ scenarios }) => scenarios)].sort()).toEqual(
      known.sort(),
    );
  },
);

test.each(manifest.applies)(verifies('I2-mcp-conformance', 'the official scenario %s passes'), async (scenario) => {
  const { code, output } = await suite('server', '--url', `${proxy.url}/mcp`, '--scenario', scenario);
  expect(code, output).toBe(0);
  expect(output).toMatch(/Passed: [1-9]\d*\/\d+, 0 failed/);
});

test(
  verifies('I2-mcp-conformance', 'what is said not to apply for lack of a capability is indeed not declared'),
  async () => {
    const hello = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    };
    const reply = await house.http<unknown>('POST', '/mcp', hello, {
      headers: { accept: 'application/json, text/event-stream' },
    });
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    const capabilities =
      /"capabilities":(\{.*?\}),"serverInfo"/.exec(text)?.[1] ?? /"capabilities":(\{[^}]*\}+)/.exec(text)?.[1] ?? '';
    expect(capabilities).toContain('tools');
    for (const absent of ['logging', 'completions', 'resources', 'prompts']) expect(capabilities).not.toContain(absent);
  },
);
