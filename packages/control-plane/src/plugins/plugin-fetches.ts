import { isMoleculeError, MoleculeError } from '@molecule/contracts';
import type { PluginResolver } from '@molecule/plugins';
import {
  appendEvents,
  declarePlugin,
  type EntitlementRules,
  keepFetch,
  type StoredEvent,
  type UnfetchedPlugin,
  unfetchedPlugins,
} from '@molecule/store';
import { every } from '../kernel/every.ts';
import type { Services } from '../kernel/services.ts';
import type { PluginsService } from './plugins-service.ts';

const PASS_INTERVAL_MS = 2_000;
const AT_ONCE = 4;
/** While a replica is fetching, no other tries: longer than any fetch may take. */
const CLAIM_MS = 150_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** What is wrong with the source or the package itself does not mend by itself. */
const LASTING_PAUSE_MS = 3_600_000;
const LASTING: readonly string[] = [
  'plugin_source_invalid',
  'plugin_manifest_invalid',
  'plugin_limit_exceeded',
  'plugin_not_entitled',
  'plugin_not_allowed',
];

/**
 * Fetches what was declared without an artifact: templates, workspace files and imports name sources, and creating a workspace must not wait for a git server.
 *
 * Each plugin is fetched for itself: one that hangs or fails is tried again later and holds up none of the others (B32, B50). States of a row: waiting → claimed
 * (for a bounded time) → fetched, or failed with a time for the next attempt. A crash leaves a claim that runs out.
 */
export class PluginFetches {
  readonly #services: Services;
  readonly #deps: {
    readonly resolver: PluginResolver;
    readonly rules: EntitlementRules;
    readonly plugins: PluginsService;
  };
  #running = new Set<Promise<void>>();

  constructor(
    services: Services,
    deps: { readonly resolver: PluginResolver; readonly rules: EntitlementRules; readonly plugins: PluginsService },
  ) {
    this.#services = services;
    this.#deps = deps;
  }

  /** Looks at once when something was declared, and regularly. @returns function that ends it */
  start(): () => Promise<void> {
    const unsubscribe = this.#services.events.subscribe((events: readonly StoredEvent[]) => {
      if (events.some((event) => event.type === 'plugin.declared' && event.data['digest'] === null))
        void this.pass().catch((error: unknown) =>
          this.#services.log.warn({ err: error }, 'plugins could not be fetched'),
        );
    });
    const stop = every(PASS_INTERVAL_MS, this.#services, 'fetching of declared plugins', () => this.pass());
    return async () => {
      unsubscribe();
      await stop();
      await Promise.allSettled(this.#running);
    };
  }

  /** Takes what is due, up to as many as may run at once. Does not wait for the fetches. */
  async pass(): Promise<void> {
    const free = AT_ONCE - this.#running.size;
    if (free <= 0 || this.#services.stopping.aborted) return;
    const now = this.#services.clock.now();
    const due = await this.#services.db.transaction().execute(async (trx) => {
      const found = await unfetchedPlugins(trx, now, free);
      for (const plugin of found)
        await keepFetch(trx, plugin, {
          attempts: plugin.attempts,
          after: new Date(now.getTime() + CLAIM_MS),
          failure: null,
        });
      return found;
    });
    for (const plugin of due) {
      const work = this.#fetch(plugin).catch((error: unknown) =>
        this.#services.log.error({ err: error, plugin: plugin.name }, 'a fetched plugin could not be recorded'),
      );
      this.#running.add(work);
      void work.finally(() => this.#running.delete(work));
    }
  }

  async #fetch(plugin: UnfetchedPlugin): Promise<void> {
    const { db, clock } = this.#services;
    const { orgId, workspaceId, name, source } = plugin;
    try {
      const found = await this.#deps.resolver.resolve(source, this.#services.stopping);
      await db.transaction().execute(async (trx) => {
        await this.#deps.plugins.keepArtifact(trx, found);
        const declaration = {
          orgId,
          workspaceId,
          name,
          source,
          protected: false,
          artifact: found.digest,
          resolved: found.resolved,
          manifest: found.manifest,
          actor: 'system',
        };
        await declarePlugin(trx, declaration, this.#deps.rules, clock.now());
        await this.#deps.plugins.changed(trx, { id: workspaceId, org_id: orgId }, 'system');
      });
    } catch (error) {
      if (this.#services.stopping.aborted) return;
      const known = isMoleculeError(error) ? error : new MoleculeError('internal', { cause: error });
      if (!isMoleculeError(error))
        this.#services.log.error({ err: error, plugin: name }, 'a plugin could not be fetched');
      const pause = LASTING.includes(known.code)
        ? LASTING_PAUSE_MS
        : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(plugin.attempts, 10));
      const failure = { code: known.code, message: known.message, hint: known.hint };
      await keepFetch(db, plugin, {
        attempts: plugin.attempts + 1,
        after: new Date(clock.now().getTime() + pause),
        failure,
      });
      await appendEvents(db, [
        {
          orgId,
          workspaceId,
          type: 'plugin.failed',
          actor: 'system',
          data: {
            name,
            source,
            ...failure,
            attempts: plugin.attempts + 1,
            nextAttemptInSeconds: Math.round(pause / 1000),
          },
        },
      ]);
    }
  }
}
