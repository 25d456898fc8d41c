import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { allowlistKey, isAllowed, pluginKeys } from '../../src/index.ts';

const digest = `sha256:${'c'.repeat(64)}`;
const plugin = pluginKeys({ source: 'github:Acme/Tools#v1', digest });

describe('allowlist', () => {
  test.each([
    ['publisher', { publisher: 'github:acme' }, true],
    ['publisher by host', { publisher: 'git:github.com/acme' }, true],
    ['source in its long form, any ref', { source: 'git+https://github.com/acme/tools.git' }, true],
    ['digest', { digest }, true],
    ['another publisher', { publisher: 'github:acme-evil' }, false],
    ['another repository', { source: 'github:acme/tools-2' }, false],
    ['another digest', { digest: `sha256:${'d'.repeat(64)}` }, false],
    ['an npm scope', { publisher: 'npm:@acme' }, false],
  ] as const)(verifies('I4-allowlist', 'by %s'), (_title, entry, allowed) => {
    expect(isAllowed(plugin, [[allowlistKey(entry)]])).toBe(allowed);
  });

  test(verifies('I4-allowlist', 'an npm scope covers its packages and no others'), () => {
    const list = [allowlistKey({ publisher: 'npm:@acme' })];
    expect(isAllowed(pluginKeys({ source: 'npm:@acme/x@1.0.0', digest: null }), [list])).toBe(true);
    expect(isAllowed(pluginKeys({ source: 'npm:acme@1.0.0', digest: null }), [list])).toBe(false);
  });

  test(verifies('I4-allowlist', 'is inherited: every level must let it pass, and a lower one cannot widen'), () => {
    const org = [allowlistKey({ publisher: 'github:acme' }), allowlistKey({ publisher: 'builtin' })];
    const below = [allowlistKey({ source: 'github:acme/tools' }), allowlistKey({ publisher: 'npm:@other' })];
    expect(isAllowed(plugin, [org, below])).toBe(true);
    expect(isAllowed(pluginKeys({ source: 'github:acme/else', digest: null }), [org, below])).toBe(false);
    expect(isAllowed(pluginKeys({ source: 'npm:@other/x@1.0.0', digest: null }), [org, below])).toBe(false);
    expect(isAllowed(plugin, [])).toBe(true);
  });

  test(verifies('I4-allowlist', 'fails closed: an empty or unreadable list lets nothing pass'), () => {
    expect(isAllowed(plugin, [[]])).toBe(false);
    expect(isAllowed(plugin, [[allowlistKey({ digest })], null])).toBe(false);
  });
});
