import { MoleculeError } from '@molecule/contracts';
import { formatPluginSource, parsePluginSource } from '@molecule/domain';
import { appendEvents, declarePlugin, type EntitlementRules, type Executor, type WorkspaceRow } from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import type { BuiltinCatalogue } from './builtin-catalogue.ts';
import { refuseServerFolder } from './server-folder.ts';

export interface WantedDeclaration {
  readonly name: string;
  readonly source: string;
  readonly protected: boolean;
  /** By the request itself, and not by a template of the installation. */
  readonly isAsked: boolean;
}

/**
 * Declares plugins one by one, whoever wants them: the template, the protected set, the request, a workspace file, an import. One that is refused or makes no sense is
 * reported, and stops neither the others nor the workspace (B27, B32, T12). First-party ones are there at once, others are fetched afterwards.
 * @returns how many were recorded and how many refused
 */
export async function declareWanted(
  services: Services,
  deps: { readonly builtins: BuiltinCatalogue; readonly rules: EntitlementRules },
  trx: Executor,
  row: WorkspaceRow,
  wanted: readonly WantedDeclaration[],
  deed: { readonly actor: string; readonly workspaceId: string | null },
): Promise<{ readonly recorded: number; readonly refused: number }> {
  const { actor } = deed;
  let refused = 0;
  for (const { name, source: text, protected: isProtected, isAsked } of wanted) {
    try {
      const source = parsePluginSource(text);
      if (isAsked) refuseServerFolder(source, text, deed);
      const builtin = source.scheme === 'builtin' ? deps.builtins.resolve(text) : null;
      const declaration = {
        orgId: row.org_id,
        workspaceId: row.id,
        name,
        source: formatPluginSource(source),
        protected: isProtected,
        artifact: builtin?.digest ?? null,
        resolved: builtin?.source ?? null,
        manifest: builtin?.manifest,
        actor,
      };
      await declarePlugin(trx, declaration, deps.rules, services.clock.now());
    } catch (error) {
      if (!(error instanceof MoleculeError)) throw error;
      refused += 1;
      services.log.warn(
        { workspaceId: row.id, plugin: name, source: text, code: error.code },
        'a plugin was not declared',
      );
      await appendEvents(trx, [
        {
          orgId: row.org_id,
          workspaceId: row.id,
          type: 'plugin.refused',
          actor,
          data: { name, source: text, code: error.code, message: error.message },
        },
      ]);
    }
  }
  if (refused > 0)
    services.log.warn(
      { workspaceId: row.id, recorded: wanted.length - refused, refused },
      'not all plugins of a workspace were declared',
    );
  return { recorded: wanted.length - refused, refused };
}
