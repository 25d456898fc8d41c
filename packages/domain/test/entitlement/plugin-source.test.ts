import { isMoleculeError } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { formatPluginSource, parsePluginSource } from '../../src/index.ts';

describe('plugin sources', () => {
  test.each([
    ['builtin:seo-all', { scheme: 'builtin', name: 'seo-all' }],
    [
      'git+https://git.example.org/a/b.git#main',
      { scheme: 'git', url: 'https://git.example.org/a/b.git', ref: 'main', subdir: null },
    ],
    [
      'git+https://git.example.org:8443/a/b#v1.2.0:plugins/one',
      { scheme: 'git', url: 'https://git.example.org:8443/a/b', ref: 'v1.2.0', subdir: 'plugins/one' },
    ],
    ['git+https://git.example.org/a/b', { scheme: 'git', url: 'https://git.example.org/a/b', ref: null, subdir: null }],
    ['github:owner/repo#feature/x', { scheme: 'github', owner: 'owner', repo: 'repo', ref: 'feature/x', subdir: null }],
    [
      'gitea://owner/repo#0123456789012345678901234567890123456789',
      { scheme: 'gitea', owner: 'owner', repo: 'repo', ref: '0123456789012345678901234567890123456789', subdir: null },
    ],
    ['gitea://owner/repo#:sub', { scheme: 'gitea', owner: 'owner', repo: 'repo', ref: null, subdir: 'sub' }],
    ['npm:@scope/name@1.2.3-rc.1', { scheme: 'npm', name: '@scope/name', version: '1.2.3-rc.1' }],
    ['npm:name@latest', { scheme: 'npm', name: 'name', version: 'latest' }],
    ['npm:name', { scheme: 'npm', name: 'name', version: null }],
    ['file:/home/me/plugin', { scheme: 'file', path: '/home/me/plugin' }],
  ])(verifies(['I4-sources', 'B35'], '%s'), (text, expected) => {
    const parsed = parsePluginSource(text);
    expect(parsed).toEqual(expected);
    expect(formatPluginSource(parsed)).toBe(text);
  });

  test.each([
    ['an empty one', ''],
    ['a bare name, which no box could fetch', 'seo-all'],
    ['an unknown scheme', 'ftp://example.org/x'],
    ['ssh', 'git+ssh://git@example.org/x/y'],
    ['an scp address', 'git@example.org:x/y'],
    ['a plain web address', 'https://example.org/x/y'],
    ['a query', 'git+https://example.org/x/y?token=abc'],
    ['a ref that is an option', 'github:owner/repo#--upload-pack=touch'],
    ['a ref that climbs', 'github:owner/repo#a/../../b'],
    ['a folder that climbs', 'github:owner/repo#main:../..'],
    ['an owner that climbs', 'github:../repo#main'],
    ['a repository too many', 'github:a/b/c#main'],
    ['a range', 'npm:name@^1.0.0'],
    ['a version with spaces', 'npm:name@1 || 2'],
    ['an npm name with a path', 'npm:../x@1.0.0'],
    ['a relative folder', 'file:plugins/x'],
    ['a folder that climbs', 'file:/a/../etc'],
    ['a control character', 'github:owner/repo#main\u0007'],
    ['a line end', 'github:owner/repo#main\nx'],
    ['an encoded slash', 'git+https://example.org/a%2fb/c'],
    ['no repository', 'git+https://example.org/'],
    ['an overlong one', `github:owner/repo#${'a'.repeat(2000)}`],
  ])(verifies(['B34', 'B60', 'I17', 'I4-sources'], 'refuses %s'), (_title, text) => {
    expect(() => parsePluginSource(text)).toThrow(expect.objectContaining({ code: 'plugin_source_invalid' }));
  });

  test(verifies(['B60', 'I4-credential'], 'refuses a user name and does not repeat the secret'), () => {
    const refusal = (() => {
      try {
        parsePluginSource('git+https://someone:hunter2@example.org/x/y#main');
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(isMoleculeError(refusal, 'plugin_source_invalid')).toBe(true);
    expect(String(refusal)).not.toContain('hunter2');
  });
});
