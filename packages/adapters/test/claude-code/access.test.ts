import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelAccess } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { adapterFor, boxLayout, type EnvironmentInput, type SessionContext } from '../../src/index.ts';
import { placeLoginLink } from '../../src/turn-process/login-link.ts';

const adapter = adapterFor('claude-code');
const gateway: ModelAccess = {
  kind: 'gateway',
  provider: 'p',
  model: 'p/m',
  demo: false,
  paths: { anthropic: '/llm/anthropic' },
};
const direct: ModelAccess = { kind: 'direct', provider: 'anthropic', model: null };

function environment(model: ModelAccess, rest: Partial<EnvironmentInput> = {}) {
  return adapter.environment({
    layout: boxLayout('/box'),
    model,
    apiUrl: 'http://cp:8787',
    apiKey: 'box-key',
    base: { PATH: '/bin' },
    hostEnv: {},
    ...rest,
  });
}

describe('environment', () => {
  test('with the gateway the box has its own token and no provider key', () => {
    const env = environment(gateway, {
      base: { ANTHROPIC_API_KEY: 'provider-key' },
      hostEnv: { CLAUDE_CODE_OAUTH_TOKEN: 'login', ANTHROPIC_API_KEY: 'host-key' },
    });
    expect(env).toMatchObject({
      ANTHROPIC_BASE_URL: 'http://cp:8787/llm/anthropic',
      ANTHROPIC_AUTH_TOKEN: 'box-key',
      CLAUDE_CONFIG_DIR: '/box/home/.claude',
    });
    expect(Object.values(env)).not.toContain('provider-key');
    expect(Object.values(env)).not.toContain('login');
    expect(Object.values(env)).not.toContain('host-key');
  });

  test('with direct access only the login token of the CLI is taken over', () => {
    const env = environment(direct, { hostEnv: { CLAUDE_CODE_OAUTH_TOKEN: 'login', ANTHROPIC_API_KEY: 'host-key' } });
    expect(env['CLAUDE_CODE_OAUTH_TOKEN']).toBe('login');
    expect(env['ANTHROPIC_BASE_URL']).toBeUndefined();
    expect(Object.values(env)).not.toContain('host-key');
  });

  test(verifies('B38', 'a variable of the workspace wins over a switch of ours'), () => {
    expect(environment(gateway, { base: { CLAUDE_CODE_MAX_RETRIES: '9' } })['CLAUDE_CODE_MAX_RETRIES']).toBe('9');
  });
});

describe('the login link', () => {
  const boxWith = (model: ModelAccess) => {
    const root = mkdtempSync(join(tmpdir(), 'claude-login-'));
    const login = join(root, 'login.json');
    writeFileSync(login, 'login');
    const layout = boxLayout(join(root, 'box'));
    mkdirSync(join(layout.home, '.claude'), { recursive: true });
    const detection = {
      available: true,
      path: '/x',
      version: '1',
      problem: null,
      hasLogin: true,
      loginPath: login,
      readPaths: [],
    };
    const context: SessionContext = {
      layout,
      detection,
      model,
      env: {},
      allowedServers: [],
      spawn: () => Promise.reject(new Error('not used')),
      now: Date.now,
      warmMs: 0,
      prewarm: false,
      log: () => undefined,
    };
    return { context, login, place: join(layout.home, '.claude', '.credentials.json') };
  };

  test('direct access refers to the login and copies nothing', async () => {
    const { context, login, place } = boxWith(direct);
    await placeLoginLink(context, place);
    await placeLoginLink(context, place);
    expect(readlinkSync(place)).toBe(login);
  });

  test('a box that goes to the gateway loses the link', async () => {
    const { context, login, place } = boxWith(gateway);
    symlinkSync(login, place);
    await placeLoginLink(context, place);
    expect(existsSync(place)).toBe(false);
    expect(readFileSync(login, 'utf8')).toBe('login');
  });

  test('a login that was made in the box stays', async () => {
    const { context, place } = boxWith(direct);
    writeFileSync(place, 'its own');
    await placeLoginLink(context, place);
    expect(lstatSync(place).isSymbolicLink()).toBe(false);
  });
});
