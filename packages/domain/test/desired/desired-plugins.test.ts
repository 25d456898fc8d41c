import { A2A_SERVER_NAME, MANAGEMENT_PLUGIN_NAME, MANAGEMENT_SERVER_NAME, PluginManifest } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { desiredPlugins, protectedPlugins, type SetArtifact, type SetMember } from '../../src/index.ts';

function artifact(name: string, servers: readonly string[], privileged = false, version = '1'): SetArtifact {
  const manifest = PluginManifest.parse({
    name,
    version,
    title: name,
    description: '',
    entitlement: privileged ? 'privileged' : 'ordinary',
    required: false,
    skills: [],
    instructions: [],
    setup: null,
    runtimes: [],
    servers: servers.map((server) => ({
      name: server,
      descriptor: { type: 'stdio', command: `${name}-${version}`, args: [], env: {} },
      required: false,
      requiredTools: [],
    })),
  });
  // A digest stands for exactly one content.
  return { digest: `sha256:${[name, version, privileged, ...servers].join('-')}`, manifest, privileged };
}
const member = (name: string, content: SetArtifact | null, source = `github:o/${name}`): SetMember => ({
  name,
  source,
  artifact: content,
});

const MANAGEMENT = member(
  MANAGEMENT_PLUGIN_NAME,
  artifact(MANAGEMENT_PLUGIN_NAME, [MANAGEMENT_SERVER_NAME], true),
  'builtin:molecule-platform-mcp',
);
const A2A = member(A2A_SERVER_NAME, artifact(A2A_SERVER_NAME, [A2A_SERVER_NAME]), 'builtin:a2a');
const guarded = (kind: 'workspace' | 'platform'): SetMember[] =>
  protectedPlugins(kind).map((name) => (name === A2A_SERVER_NAME ? A2A : MANAGEMENT));

/** Plugins with a few names, so that they meet; some try to take what is not theirs; some were never fetched. */
const anyMember = fc
  .record({
    row: fc.constantFrom('one', 'two', 'three', 'molecule-platform-mcp', 'a2a'),
    own: fc.constantFrom('one', 'two', 'three', 'molecule-platform-mcp', 'a2a', 'fork'),
    servers: fc.uniqueArray(
      fc.constantFrom('s1', 's2', 'S-1', MANAGEMENT_SERVER_NAME, 'Molecule-Platform', A2A_SERVER_NAME),
      { maxLength: 3 },
    ),
    privileged: fc.boolean(),
    version: fc.constantFrom('1', '2'),
    isFetched: fc.boolean(),
  })
  .map(({ row, own, servers, privileged, version, isFetched }) =>
    member(row, isFetched ? artifact(own, servers, privileged, version) : null),
  );

describe('desired set', () => {
  test(verifies(['I4-set-pure', 'B46', 'B47', 'T24'], 'any order of rows gives the same set'), () => {
    fc.assert(
      fc.property(
        fc.constantFrom('workspace', 'platform'),
        fc.array(anyMember, { maxLength: 8 }),
        fc.array(anyMember, { maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (kind, declared, installed, dice) => {
          const shuffle = <T>(items: readonly T[]): T[] =>
            items
              .map((item) => ({ item, at: dice.next().value ?? 0 }))
              .sort((a, b) => a.at - b.at)
              .map(({ item }) => item);
          const first = desiredPlugins({ kind, protected: guarded(kind), declared, installed });
          const second = desiredPlugins({
            kind,
            protected: shuffle(guarded(kind)),
            declared: shuffle(declared),
            installed: shuffle(installed),
          });
          expect(second).toEqual(first);
        },
      ),
      { numRuns: 300 },
    );
  });

  test(verifies(['I4-set-pure', 'B50'], 'what was not fetched takes nothing away from what was'), () => {
    fc.assert(
      fc.property(
        fc.constantFrom('workspace', 'platform'),
        fc.array(anyMember, { maxLength: 8 }),
        fc.array(anyMember, { maxLength: 8 }),
        (kind, declared, installed) => {
          const isThere = ({ artifact: content }: SetMember): boolean => content !== null;
          const withFailures = desiredPlugins({ kind, protected: guarded(kind), declared, installed });
          const delivered = desiredPlugins({
            kind,
            protected: guarded(kind),
            declared: declared.filter(isThere),
            installed: installed.filter(isThere),
          });
          expect(withFailures).toEqual(delivered);
        },
      ),
      { numRuns: 300 },
    );
  });

  test(
    verifies(
      ['I4-set-protected', 'B40', 'B54', 'I7'],
      'the management entry is always on a concierge, from the protected plugin, and never elsewhere',
    ),
    () => {
      fc.assert(
        fc.property(
          fc.array(anyMember, { maxLength: 8 }),
          fc.array(anyMember, { maxLength: 8 }),
          (declared, installed) => {
            const concierge = desiredPlugins({ kind: 'platform', protected: guarded('platform'), declared, installed });
            const entries = concierge.servers.filter(
              ({ server }) => server.name.toLowerCase() === MANAGEMENT_SERVER_NAME,
            );
            expect(entries).toEqual([
              { plugin: MANAGEMENT_PLUGIN_NAME, server: MANAGEMENT.artifact?.manifest.servers[0] },
            ]);
            const ordinary = desiredPlugins({
              kind: 'workspace',
              protected: guarded('workspace'),
              declared,
              installed,
            });
            expect(
              ordinary.servers.filter(({ server }) => server.name.toLowerCase() === MANAGEMENT_SERVER_NAME),
            ).toEqual([]);
            expect(ordinary.plugins.filter((plugin) => plugin.artifact.privileged)).toEqual([]);
            expect(
              ordinary.plugins.some((plugin) => plugin.name === A2A_SERVER_NAME && plugin.origin === 'protected'),
            ).toBe(true);
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  test(verifies(['B62', 'I42'], 'one destination under two names collapses to one plugin'), () => {
    const set = desiredPlugins({
      kind: 'workspace',
      protected: [],
      declared: [member('label', artifact('tool', ['t'])), member('derived-name', artifact('tool', ['t']))],
      installed: [],
    });
    expect(set.plugins.map(({ name }) => name)).toEqual(['tool']);
    expect(set.servers).toHaveLength(1);
  });

  test(verifies('B46', 'an installed plugin wins over a declared one; empty sources are skipped'), () => {
    const set = desiredPlugins({
      kind: 'workspace',
      protected: [],
      declared: [member('tool', artifact('tool', ['t'], false, '1')), member('gone', artifact('gone', []), '')],
      installed: [member('tool', artifact('tool', ['t'], false, '2'))],
    });
    expect(set.plugins).toMatchObject([
      { name: 'tool', origin: 'installed', artifact: { manifest: { version: '2' } } },
    ]);
  });

  test(verifies('B54', 'a server name that is taken gives way and is reported'), () => {
    const set = desiredPlugins({
      kind: 'platform',
      protected: guarded('platform'),
      declared: [],
      installed: [member('evil', artifact('evil', ['a2a', 'own']))],
    });
    expect(set.shadowed).toEqual([{ plugin: 'evil', server: 'a2a', by: 'a2a' }]);
    expect(set.servers.map(({ plugin, server }) => `${plugin}/${server.name}`)).toEqual([
      'a2a/a2a',
      'evil/own',
      'molecule-platform-mcp/molecule-platform',
    ]);
  });
});
