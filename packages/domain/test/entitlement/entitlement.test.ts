import type { PluginManifest } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { type CatalogueEntry, isPrivileged, mayHave } from '../../src/index.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'molecule-platform-mcp',
    privileged: true,
    sources: ['builtin:molecule-platform-mcp', 'gitea://house/keys#v1', 'github:house/renamed'],
    digests: [DIGEST],
  },
  { name: 'molecule-ai-plugin-molecule-platform-mcp', privileged: true, sources: [], digests: [] },
  { name: 'seo-all', privileged: false, sources: ['builtin:seo-all'], digests: [] },
];
const privileged = (
  name: string,
  source: string,
  extra: { digest?: string; manifest?: Pick<PluginManifest, 'name' | 'entitlement' | 'servers'> } = {},
): boolean => isPrivileged({ name, source, digest: extra.digest ?? null, manifest: extra.manifest }, CATALOGUE);

function manifest(
  change: Partial<Pick<PluginManifest, 'name' | 'entitlement' | 'servers'>> = {},
): Pick<PluginManifest, 'name' | 'entitlement' | 'servers'> {
  return { name: 'harmless' as PluginManifest['name'], entitlement: 'ordinary', servers: [], ...change };
}

function serving(name: string, descriptor: PluginManifest['servers'][number]['descriptor']): PluginManifest['servers'] {
  return [{ name: name as PluginManifest['servers'][number]['name'], descriptor, required: false, requiredTools: [] }];
}

describe('recognising the privileged plugin', () => {
  test.each([
    ['its name', 'molecule-platform-mcp', 'github:me/tool'],
    ['its name in other case', 'Molecule-Platform-MCP', 'github:me/tool'],
    ['its name with other separators', 'molecule_platform.mcp', 'github:me/tool'],
    ['its name padded', '  molecule-platform-mcp ', 'github:me/tool'],
    ['the name derived from its repository', 'molecule-ai-plugin-molecule-platform-mcp', 'github:me/tool'],
    ['a fork that kept the repository name', 'mine', 'github:me/molecule-platform-mcp#main'],
    ['the same with .git, ref and folder', 'mine', 'git+https://example.org/x/Molecule_Platform_MCP.git#v2:sub/dir'],
    ['an scp address', 'mine', 'git@example.org:x/molecule-platform-mcp.git'],
    ['an npm package of that name', 'mine', 'npm:@someone/molecule-platform-mcp@1.2.3'],
    ['the first-party source', 'mine', 'builtin:molecule-platform-mcp'],
    ['the bare name as source', 'mine', 'molecule-platform-mcp'],
    ['the source of a catalogue entry', 'mine', 'gitea://house/keys'],
    ['another ref and folder of it', 'mine', 'gitea://house/keys#other:plugins/one'],
    ['the short and the long form of one place', 'mine', 'git+https://github.com/house/renamed.git#main'],
    ['user name, port and percent signs', 'mine', 'https://someone@GitHub.com:443/house/%72enamed/'],
    ['the ssh form', 'mine', 'ssh://git@github.com/house/renamed.git'],
    ['a local folder of that name', 'mine', 'file:/home/me/molecule-platform-mcp/'],
  ])(verifies(['B29', 'T13', 'I4-entitle-identity'], '%s'), (_title, name, source) => {
    expect(privileged(name, source)).toBe(true);
  });

  test(verifies(['B29', 'I4-entitle-identity'], 'its content under any name'), () => {
    expect(privileged('mine', 'npm:mine@1.0.0', { digest: DIGEST })).toBe(true);
  });

  test.each([
    ['the manifest carries its name', manifest({ name: 'molecule-platform-mcp' as PluginManifest['name'] })],
    ['the manifest asks for the guard', manifest({ entitlement: 'privileged' })],
    [
      'it brings the management server',
      manifest({ servers: serving('molecule-platform', { type: 'stdio', command: 'x', args: [], env: {} }) }),
    ],
    [
      'it brings it spelled another way',
      manifest({ servers: serving('Molecule_Platform', { type: 'stdio', command: 'x', args: [], env: {} }) }),
    ],
    [
      'it starts the launcher in management mode',
      manifest({
        servers: serving('other', {
          type: 'stdio',
          command: '/opt/molecule-platform-mcp',
          args: [],
          env: { MOLECULE_MCP_MODE: 'management' },
        }),
      }),
    ],
    [
      'it asks for the credential of the concierge',
      manifest({
        servers: serving('other', {
          type: 'http',
          url: 'http://x',
          headers: { authorization: 'Bearer ${MOLECULE_ORG_API_KEY}' },
        }),
      }),
    ],
  ])(verifies(['B29', 'T13', 'T40', 'I4-entitle-identity'], 'a renamed fork: %s'), (_title, own) => {
    expect(privileged('harmless', 'github:me/harmless', { digest: `sha256:${'b'.repeat(64)}`, manifest: own })).toBe(
      true,
    );
  });

  test.each([
    ['seo-all', 'builtin:seo-all'],
    ['tools', 'github:house/other'],
    ['molecule-platform', 'github:me/molecule-platform-notes'],
    ['renamed', 'github:elsewhere/renamed'],
  ])(verifies('B25', 'leaves the ordinary plugin %s alone'), (name, source) => {
    expect(privileged(name, source, { manifest: manifest() })).toBe(false);
  });

  test(verifies(['B23', 'B24', 'B28'], 'only the platform workspace may have it'), () => {
    expect([
      mayHave('workspace', true),
      mayHave('platform', true),
      mayHave('workspace', false),
      mayHave('platform', false),
    ]).toEqual([false, true, true, true]);
  });
});
