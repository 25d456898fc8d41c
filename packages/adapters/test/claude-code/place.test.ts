import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { adapterFor } from '../../src/index.ts';
import { installedRuntime } from '../conformance/installed-runtime.ts';
import { TestBox } from '../conformance/test-box.ts';
import { testHost } from '../conformance/test-host.ts';

const HOST_ENV = testHost({ MOLECULE_CLAUDE_CODE_PATH: installedRuntime('claude') });

test(verifies(
  'I3-place-claude',
  'the real CLI loads what is written there, and nothing that stands in settings.json',
), { timeout: 120_000 }, async () => {
  const box = await new TestBox(adapterFor('claude-code'), HOST_ENV).open();
  try {
    box.render({ servers: [box.probeServer()] });
    const servers = box.files().find(({ id }) => id === 'servers');
    const settings = join(dirname(servers?.path ?? ''), 'settings.json');
    mkdirSync(dirname(settings), { recursive: true });
    writeFileSync(
      settings,
      JSON.stringify({ mcpServers: { ignored: { command: process.execPath, args: ['-e', '0'] } } }),
    );
    const inspection = await box.adapter.inspect(box.context());
    expect(Object.keys(inspection?.servers ?? {})).toEqual(['molecule-platform']);
    expect(inspection?.servers['molecule-platform']).toMatchObject({ connected: true });
  } finally {
    await box.close();
  }
});
