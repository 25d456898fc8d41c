import { A2A_SERVER_NAME, MANAGEMENT_PLUGIN_NAME, type WorkspaceKind } from '@molecule/contracts';

/** Plugins that are part of every desired set by construction, whatever was declared, installed or failed to be fetched (B52, I7). First-party, so they need no network (B53). */
export function protectedPlugins(kind: WorkspaceKind): readonly string[] {
  return kind === 'platform' ? [A2A_SERVER_NAME, MANAGEMENT_PLUGIN_NAME] : [A2A_SERVER_NAME];
}
