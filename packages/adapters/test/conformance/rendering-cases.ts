import {
  type DesiredServer,
  MANAGEMENT_SERVER_NAME,
  PluginName,
  type ServerDescriptor,
  ServerName,
} from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import {
  adapterFor,
  type BoxLayout,
  boxLayout,
  knownRuntimes,
  type NativeFile,
  type RenderInput,
  type RenderOutcome,
  type RuntimeAdapter,
} from '../../src/index.ts';

const stdio: ServerDescriptor = {
  type: 'stdio',
  command: 'molecule-platform-mcp',
  args: ['--mode', 'management'],
  env: { MOLECULE_API_URL: '${MOLECULE_API_URL}', K: '${secret:K}' },
};
const http: ServerDescriptor = {
  type: 'http',
  url: 'http://127.0.0.1:8787/mcp',
  headers: { Authorization: 'Bearer ${MOLECULE_API_KEY}' },
};

export function server(name: string, descriptor: ServerDescriptor, required = true): DesiredServer {
  return {
    name: ServerName.parse(name),
    plugin: PluginName.parse('p'),
    descriptor,
    required,
    requiredTools: [],
    witnessed: false,
  };
}

const ODD_NAMES = [
  'with space',
  'dotted.name',
  'quo"te',
  "apos'trophe",
  'ünï-código',
  '__proto__',
  'constructor',
  'a/b',
];

/** What every adapter's pure part must do. */
export function renderingCases(
  adapter: RuntimeAdapter,
  layouts: readonly BoxLayout[] = [boxLayout('/box'), { ...boxLayout('/person'), owner: 'person' }],
): void {
  const empty = (layout: BoxLayout): readonly NativeFile[] =>
    adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: null }));
  const input = (layout: BoxLayout, change: Partial<RenderInput>): RenderInput => ({
    layout,
    files: empty(layout),
    servers: [],
    identity: null,
    skills: [],
    ledger: null,
    ...change,
  });
  const applied = (files: readonly NativeFile[], outcome: RenderOutcome) =>
    files.map((file) => ({
      ...file,
      text:
        outcome.writes.find(({ id }) => id === file.id)?.text ??
        (outcome.writes.some(({ id }) => id === file.id) ? null : file.text),
    }));

  describe.each(layouts)(`${adapter.id} renders for a $owner`, (layout) => {
    test(verifies(['B65', 'B69', 'T33', 'T38', 'B102'], 'what is rendered is read back, stdio and http'), () => {
      const outcome = adapter.render(
        input(layout, { servers: [server('molecule-platform', stdio), server('remote', http, false)] }),
      );
      const read = adapter.read(applied(empty(layout), outcome), layout);
      expect(read['molecule-platform']).toEqual({
        ...stdio,
        env: { MOLECULE_API_URL: '${MOLECULE_API_URL}', K: '${K}' },
      });
      expect(read['remote']).toEqual(http);
    });

    test(verifies(['B68', 'T37'], 'a second rendering changes nothing'), () => {
      const wish = {
        servers: [server('molecule-platform', stdio), server('remote', http, false)],
        identity: 'You are X.\n',
        skills: [{ name: 's', path: '/a/s' }],
      };
      const first = adapter.render(input(layout, wish));
      const second = adapter.render(
        input(layout, { ...wish, files: applied(empty(layout), first), ledger: first.ledger }),
      );
      expect(second.writes).toEqual([]);
      expect(second.ledger).toEqual(first.ledger);
    });

    test(verifies('B68', 'a ledger that went through JSON serves as well'), () => {
      const wish = { servers: [server('molecule-platform', stdio)], identity: 'You are X.' };
      const first = adapter.render(input(layout, wish));
      const files = applied(empty(layout), first);
      const gone = adapter.render(
        input(layout, { files, identity: '', ledger: JSON.parse(JSON.stringify(first.ledger)) }),
      );
      expect(applied(files, gone).every(({ text }) => text === null)).toBe(true);
    });

    test.each(ODD_NAMES)(verifies('I3-bad-names', 'a server named %j comes through'), (name) => {
      const outcome = adapter.render(input(layout, { servers: [server(name, stdio)] }));
      const read = adapter.read(applied(empty(layout), outcome), layout);
      expect(Object.entries(read).map(([key]) => key)).toEqual([name]);
    });

    test(verifies('I3-env-secret', 'no value of a secret is written, only references'), () => {
      const outcome = adapter.render(
        input(layout, { servers: [server('molecule-platform', stdio), server('remote', http)] }),
      );
      const text = outcome.writes.map((write) => write.text).join('\n');
      expect(text).toContain('MOLECULE_API_KEY');
      expect(text).not.toContain('secret:');
    });

    test(verifies(['B76', 'B77'], 'broken files are files without servers, and nothing throws'), () => {
      for (const text of [
        '',
        '{',
        'null',
        '[]',
        '"x"',
        '{"mcpServers":[]}',
        '{"mcpServers":{"molecule-platform":7}}',
        '\0\0',
        '[[[[',
        'mcp_servers = 3',
        'mcp: [1',
      ]) {
        const files = empty(layout).map((file) => ({ ...file, text }));
        expect(adapter.read(files, layout)).toEqual({});
        expect(
          adapter.diagnose({ files, layout, servers: [], isConcierge: true, launcherPath: null })
            .settings_entry_present,
        ).toBe(false);
      }
    });

    test(verifies(['B75', 'B88'], 'the diagnosis tells whether the management entry is there'), () => {
      const files = applied(
        empty(layout),
        adapter.render(input(layout, { servers: [server(MANAGEMENT_SERVER_NAME, stdio)] })),
      );
      expect(adapter.diagnose({ files, layout, servers: [], isConcierge: true, launcherPath: '/bin/x' })).toEqual({
        is_concierge: true,
        legacy_binary_present: false,
        settings_entry_present: true,
        launcher_path: '/bin/x',
      });
    });

    test('the identity is there once, is read back exactly, follows changes and goes without a trace', () => {
      const identity = 'You are X.\n\n- one\n';
      const own = 'What the person wrote.\n';
      const before = empty(layout).map((file) => (file.id === 'instructions' ? { ...file, text: own } : file));
      const first = adapter.render(input(layout, { files: before, identity }));
      const files = applied(before, first);
      expect(adapter.readIdentity(files, layout)).toBe(identity);
      const changed = adapter.render(input(layout, { files, identity: 'You are Y.', ledger: first.ledger }));
      const later = applied(files, changed);
      expect(adapter.readIdentity(later, layout)).toBe('You are Y.');
      expect(
        later
          .map(({ text }) => text ?? '')
          .join('')
          .split('You are').length,
      ).toBe(2);
      const removed = adapter.render(input(layout, { files: later, identity: '', ledger: changed.ledger }));
      expect(applied(later, removed)).toEqual(before);
    });

    test('skills are linked, and unlinked when they are no longer wished', () => {
      const first = adapter.render(
        input(layout, {
          skills: [
            { name: 'seo', path: '/cache/seo' },
            { name: '../evil', path: '/x' },
          ],
        }),
      );
      expect(first.links.map(({ target }) => target)).toEqual(['/cache/seo']);
      const second = adapter.render(input(layout, { ledger: first.ledger }));
      expect(second.links).toEqual([{ path: first.links[0]?.path, target: null }]);
    });

    test(verifies('B66', 'only its own files are touched'), () => {
      const others = knownRuntimes()
        .filter((id) => id !== adapter.id)
        .flatMap((id) =>
          adapterFor(id)
            .nativeFiles(layout)
            .map(({ path }) => path),
        );
      const outcome = adapter.render(input(layout, { servers: [server('molecule-platform', stdio)], identity: 'x' }));
      expect(outcome.writes.length).toBeGreaterThan(0);
      for (const { path } of outcome.writes) expect(others).not.toContain(path);
    });
  });

  test(
    verifies(
      ['B55', 'I3-edit-corrupt-box', 'I3-edit-corrupt-person'],
      `${adapter.id} rebuilds a corrupt file in a box and refuses it on a person's machine`,
    ),
    () => {
      for (const owner of ['box', 'person'] as const) {
        const layout: BoxLayout = { ...boxLayout('/x'), owner };
        const files = empty(layout).map((file) =>
          file.id === 'servers' ? { ...file, text: '{ "a": [ \n"unfinished' } : file,
        );
        const outcome = adapter.render(input(layout, { files, servers: [server('molecule-platform', stdio)] }));
        expect(outcome.writes.length).toBe(owner === 'box' ? 1 : 0);
        expect(outcome.report.map(({ action }) => action)).toContain(
          owner === 'box' ? 'rebuilt_corrupt' : 'refused_corrupt',
        );
      }
    },
  );
}
