import { MoleculeError } from '@molecule/contracts';
import type { Principal } from '../kernel/principal.ts';

/** Whoever creates a workspace with plugins must be allowed to install them. @throws MoleculeError `scope_missing` */
export function mayBringPlugins(
  principal: Principal,
  wishes: readonly { readonly plugins?: readonly string[] | undefined; readonly lock?: unknown }[],
): void {
  const brings = wishes.some(({ plugins = [], lock }) => plugins.length > 0 || lock !== undefined);
  if (brings && !principal.scopes.has('plugins:write'))
    throw new MoleculeError('scope_missing', { params: { scope: 'plugins:write' } });
}
