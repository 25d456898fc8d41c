import {
  isMoleculeError,
  type PluginAllowlist,
  type PluginInstalled,
  type PluginUninstalled,
  type SetPluginAllowlist,
  type WorkspacePlugin,
} from '@molecule/contracts';
import type { PluginManagement, ToolCall } from '@molecule/management-mcp';
import type { Services } from '../kernel/services.ts';
import { effectOnce } from '../mcp/effect-guard.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import type { AllowlistService } from './allowlist-service.ts';
import type { PluginsService } from './plugins-service.ts';

/** The plugin tools on the same service as the HTTP routes: the same rules, the same refusals, each effect once for each task. */
export class PluginTools implements PluginManagement {
  readonly #services: Services;
  readonly #deps: {
    readonly plugins: PluginsService;
    readonly allowlist: AllowlistService;
    readonly workspaces: WorkspacesService;
  };

  constructor(
    services: Services,
    deps: {
      readonly plugins: PluginsService;
      readonly allowlist: AllowlistService;
      readonly workspaces: WorkspacesService;
    },
  ) {
    this.#services = services;
    this.#deps = deps;
  }

  async list(call: ToolCall, workspace: string): Promise<WorkspacePlugin[]> {
    return this.#deps.plugins.list(
      this.#services.db,
      await this.#deps.workspaces.find(this.#services.db, call.caller.orgId, workspace),
    );
  }

  async install(call: ToolCall, workspace: string, source: string, waitMs: number): Promise<PluginInstalled> {
    const { plugins, workspaces } = this.#deps;
    const startedAt = performance.now();
    const row = await workspaces.find(this.#services.db, call.caller.orgId, workspace);
    try {
      const found = await plugins.resolve(row, source, call.caller, call.signal);
      const resolveMs = Math.round(performance.now() - startedAt);
      const installed = await effectOnce(this.#services, call, async (trx) => ({
        ...(await plugins.install(trx, row, found, call.caller)),
      }));
      return await plugins.afterInstall(
        row,
        installed,
        waitMs,
        call.signal,
        { resolveMs, foreignMs: Math.round(found.foreignMs), totalMs: 0 },
        startedAt,
      );
    } catch (error) {
      if (isMoleculeError(error)) await plugins.refused(row, source, error, call.caller.actor);
      throw error;
    }
  }

  async uninstall(call: ToolCall, workspace: string, name: string, waitMs: number): Promise<PluginUninstalled> {
    const { plugins, workspaces } = this.#deps;
    const row = await workspaces.find(this.#services.db, call.caller.orgId, workspace);
    const removed = await effectOnce(this.#services, call, async (trx) => ({
      ...(await plugins.uninstall(trx, row, name, call.caller)),
    }));
    return { name: removed.name, proof: await plugins.proof(row, removed, waitMs, call.signal) };
  }

  async getAllowlist(call: ToolCall): Promise<PluginAllowlist> {
    return this.#deps.allowlist.get(this.#services.db, call.caller.orgId);
  }

  async setAllowlist(call: ToolCall, change: SetPluginAllowlist): Promise<PluginAllowlist> {
    const { orgId, actor } = call.caller;
    await effectOnce(this.#services, call, async (trx) => {
      const workspace =
        change.workspace === undefined ? null : await this.#deps.workspaces.find(trx, orgId, change.workspace);
      await this.#deps.allowlist.set(trx, orgId, workspace, change, actor);
      return {};
    });
    return this.#deps.allowlist.get(this.#services.db, orgId);
  }
}
