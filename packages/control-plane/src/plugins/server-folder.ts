import { MoleculeError } from '@molecule/contracts';
import type { PluginSource } from '@molecule/domain';

/**
 * A folder of the server's machine is for people who work on it, never for an agent in a box, by whatever route it asks.
 * @param deed.workspaceId workspace whose box asks; null for people
 * @throws MoleculeError `plugin_source_invalid`
 */
export function refuseServerFolder(
  source: PluginSource,
  text: string,
  deed: { readonly workspaceId: string | null },
): void {
  if (source.scheme === 'file' && deed.workspaceId !== null)
    throw new MoleculeError('plugin_source_invalid', {
      params: { source: text, detail: 'file: sources are for people' },
    });
}
