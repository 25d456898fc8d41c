import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { adapterFor, type BoxLayout, boxLayout, knownRuntimes, type RuntimeAdapter } from '@molecule/adapters';
import { type DesiredState, MANAGEMENT_SERVER_NAME } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readNativeFiles } from '../src/box/native-files.ts';
import { renderBox } from '../src/box/rendering.ts';
import { mcpServer } from './harness.ts';

type Server = DesiredState['servers'][number];
const MANAGEMENT: Server = mcpServer(MANAGEMENT_SERVER_NAME, [], { witnessed: true });

function box(): BoxLayout {
  const layout = boxLayout(mkdtempSync(join(tmpdir(), 'molecule-presence-')));
  for (const folder of [layout.home, layout.work, layout.run]) mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(layout.root, { recursive: true, force: true }));
  return layout;
}

/** The check as a box makes it at every boot: the files on disk, read as this runtime reads them. */
function isPresent(adapter: RuntimeAdapter, layout: BoxLayout): boolean {
  const { files } = readNativeFiles(adapter, layout);
  return adapter.diagnose({ files, layout, servers: [], isConcierge: true, launcherPath: null }).settings_entry_present;
}

function render(adapter: RuntimeAdapter, layout: BoxLayout, servers: readonly Server[]): void {
  renderBox({ adapter, layout, servers, identity: null, skills: [], frozen: new Set() }, Date.now());
}

/** The file in which this runtime keeps its servers: the one that changes when a server is rendered. */
function serversFile(adapter: RuntimeAdapter, layout: BoxLayout): string {
  const files = adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: null }));
  const outcome = adapter.render({ layout, files, servers: [MANAGEMENT], identity: null, skills: [], ledger: null });
  const [write] = outcome.writes;
  if (write === undefined) throw new Error(`${adapter.id} writes nothing`);
  mkdirSync(dirname(write.path), { recursive: true });
  return write.path;
}

const UNUSABLE: Readonly<Record<string, (path: string) => void>> = {
  'it is missing': () => undefined,
  'a folder stands in its place': (path) => mkdirSync(path),
  'it is a link out of the box': (path) => symlinkSync('/etc/passwd', path),
  'it is a link to nowhere': (path) => symlinkSync('/nowhere/at/all', path),
  'it is empty': (path) => writeFileSync(path, ''),
  'it is binary': (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 1, 2])),
  'it is cut off': (path) => writeFileSync(path, `{"mcpServers":{"${MANAGEMENT_SERVER_NAME}":{"comm`),
  'it is a list': (path) => writeFileSync(path, `["${MANAGEMENT_SERVER_NAME}"]`),
  'it is a text': (path) => writeFileSync(path, `"${MANAGEMENT_SERVER_NAME}"`),
  'it is a number': (path) => writeFileSync(path, '7'),
  'it is null': (path) => writeFileSync(path, 'null'),
  'the servers are a list': (path) =>
    writeFileSync(
      path,
      `{"mcpServers":["${MANAGEMENT_SERVER_NAME}"],"mcp":["${MANAGEMENT_SERVER_NAME}"],"mcp_servers":["${MANAGEMENT_SERVER_NAME}"]}`,
    ),
  'the servers are a text': (path) =>
    writeFileSync(
      path,
      `{"mcpServers":"${MANAGEMENT_SERVER_NAME}","mcp":"${MANAGEMENT_SERVER_NAME}","mcp_servers":"${MANAGEMENT_SERVER_NAME}"}`,
    ),
  'the entry is a number': (path) =>
    writeFileSync(
      path,
      `{"mcpServers":{"${MANAGEMENT_SERVER_NAME}":7},"mcp":{"${MANAGEMENT_SERVER_NAME}":7,"servers":{"${MANAGEMENT_SERVER_NAME}":7}},"mcp_servers":{"${MANAGEMENT_SERVER_NAME}":7}}`,
    ),
};

describe.each(knownRuntimes())('%s', (runtime) => {
  const adapter = adapterFor(runtime);

  test(verifies(['T17', 'B76'], 'the management entry alone, or among others: present'), () => {
    for (const servers of [[MANAGEMENT], [mcpServer('first'), MANAGEMENT, mcpServer('last')]]) {
      const layout = box();
      render(adapter, layout, servers);
      expect(isPresent(adapter, layout)).toBe(true);
    }
  });

  test(verifies(['T18', 'B76'], 'only other servers, near namesakes among them: not present'), () => {
    const layout = box();
    const names = ['other', 'molecule-platform-mcp', 'molecule_platform', 'Molecule-Platform', 'molecule-platform2'];
    render(
      adapter,
      layout,
      names.map((name) => mcpServer(name)),
    );
    expect(Object.keys(adapter.read(readNativeFiles(adapter, layout).files, layout)).length).toBeGreaterThan(0);
    expect(isPresent(adapter, layout)).toBe(false);
  });

  test.each(Object.entries(UNUSABLE))(
    verifies(['T19', 'B76', 'B77'], 'the file is of no use because %s: not present, and nothing throws'),
    (_why, spoil) => {
      const layout = box();
      spoil(serversFile(adapter, layout));
      expect(isPresent(adapter, layout)).toBe(false);
    },
  );
});

test(verifies('B77', 'a reader that throws gives a diagnosis all the same'), () => {
  const adapter = adapterFor(knownRuntimes()[0] ?? '');
  const layout = box();
  // What no adapter should be given: files that are no texts at all.
  const files = adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: 7 as never }));
  expect(
    adapter.diagnose({ files, layout, servers: [], isConcierge: true, launcherPath: null }).settings_entry_present,
  ).toBe(false);
});
