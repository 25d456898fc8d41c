import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginManifest } from '@molecule/contracts';
import { readTree } from '../artifact/read-tree.ts';
import { type TreeFile, treeDigest } from '../artifact/tree-digest.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';

export interface BuiltinPlugin {
  readonly source: string;
  readonly digest: string;
  readonly manifest: PluginManifest;
  readonly files: readonly TreeFile[];
  readonly sizeBytes: number;
}

/** The first-party plugins that come with this version, by name. A broken one is a broken release: it throws. */
export async function readBuiltinPlugins(directory: string): Promise<ReadonlyMap<string, BuiltinPlugin>> {
  const plugins = new Map<string, BuiltinPlugin>();
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const files = await readTree(join(directory, entry.name));
    const manifest = parseManifest(files, entry.name);
    const sizeBytes = files.reduce((sum, file) => sum + file.content.length, 0);
    plugins.set(manifest.name, {
      source: `builtin:${manifest.name}`,
      digest: treeDigest(files),
      manifest,
      files,
      sizeBytes,
    });
  }
  return plugins;
}
