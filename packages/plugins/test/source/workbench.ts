import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  artifactStore,
  type PluginResolver,
  pluginResolver,
  readSourceSettings,
  type SourceSettings,
} from '../../src/index.ts';

export interface Workbench {
  readonly folder: string;
  readonly resolver: PluginResolver;
  readonly store: ReturnType<typeof artifactStore>;
  /** Artifacts that lie in the store. */
  kept(): string[];
}

/** A resolver with a store of its own, on this machine's loopback. */
export function workbench(change: Partial<SourceSettings> = {}): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-plugins-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = artifactStore(join(folder, 'artifacts'));
  const settings = readSourceSettings(
    { PATH: process.env['PATH'], HOME: folder },
    { allowPrivateAddresses: true, timeoutMs: 20_000, gitCredentialsFile: join(folder, 'git-credentials'), ...change },
  );
  return {
    folder,
    store,
    resolver: pluginResolver({ settings, store, builtin: () => null }),
    kept: () =>
      readdirSync(folder).includes('artifacts')
        ? readdirSync(join(folder, 'artifacts'), { recursive: true })
            .map(String)
            .filter((name) => /\.(?:tar|tmp)$/.test(name))
        : [],
  };
}

export const PLUGIN_FILES = {
  'plugin.json': JSON.stringify({
    name: 'demo-tools',
    version: '1.0.0',
    description: 'Tools for tests',
    molecule: { servers: { demo: { required: true, requiredTools: ['ping'] } } },
  }),
  'mcp.json': JSON.stringify({
    mcpServers: {
      demo: { command: 'node', args: ['${PLUGIN_ROOT}/server.mjs'], env: { TOKEN: '${secret:DEMO_TOKEN}' } },
    },
  }),
  'server.mjs': 'process.stdin.resume();\n',
  'skills/one/SKILL.md': '---\nname: one\ndescription: First\n---\nDo it.\n',
} as const;
