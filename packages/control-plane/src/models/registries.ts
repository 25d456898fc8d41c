import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { BUILTIN_REGISTRY, mergeRegistry, type Registry } from '@molecule/models';
import type { Executor } from '@molecule/store';
import type { Logger } from '../kernel/logger.ts';

/** Overlay of the whole installation, below the data directory. */
const FILE = 'registry.json';
const TTL_MS = 5_000;

/**
 * The provider registry of each org: what this version knows, under the installation's file, under what the org set over the API. State: a copy
 * per org, at most 5 s old; forgotten when an event says that it changed.
 */
export class Registries {
  readonly #base: Registry;
  readonly #orgs = new Map<string, { readonly registry: Registry; readonly until: number }>();

  private constructor(base: Registry) {
    this.#base = base;
  }

  /** A file that is not valid is logged, place by place, and left out: the server must start. */
  static async load(dataDir: string, log: Logger): Promise<Registries> {
    const path = join(dataDir, FILE);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') log.error({ path, detail: error.message }, 'the provider registry cannot be read');
      return null;
    });
    if (text === null) return new Registries(BUILTIN_REGISTRY);
    const merged = mergeRegistry(BUILTIN_REGISTRY, tryJson(text));
    if (merged.ok) return new Registries(merged.registry);
    log.error({ path, problems: merged.problems }, 'the provider registry file is not valid and was left out');
    return new Registries(BUILTIN_REGISTRY);
  }

  /** Without what the org added. */
  get base(): Registry {
    return this.#base;
  }

  async of(db: Executor, orgId: string): Promise<Registry> {
    const known = this.#orgs.get(orgId);
    if (known !== undefined && known.until > performance.now()) return known.registry;
    const row = await db.selectFrom('settings').select('value').where('key', '=', keyOf(orgId)).executeTakeFirst();
    const merged = row === undefined ? undefined : mergeRegistry(this.#base, row.value);
    // What an older version accepted may not fit any more: the base alone is better than nothing.
    const registry = merged?.ok === true ? merged.registry : this.#base;
    this.#orgs.set(orgId, { registry, until: performance.now() + TTL_MS });
    return registry;
  }

  /** What the org itself added. */
  async overlayOf(db: Executor, orgId: string): Promise<unknown> {
    const row = await db.selectFrom('settings').select('value').where('key', '=', keyOf(orgId)).executeTakeFirst();
    return row?.value ?? { providers: [] };
  }

  /** @throws MoleculeError `registry_invalid` with every problem and its place */
  async store(trx: Executor, orgId: string, overlay: Record<string, unknown>, now: Date): Promise<void> {
    const merged = mergeRegistry(this.#base, overlay);
    if (!merged.ok) throw new MoleculeError('registry_invalid', { params: { detail: merged.problems.join('; ') } });
    const value = JSON.stringify(overlay);
    await trx
      .insertInto('settings')
      .values({ key: keyOf(orgId), value, updated_at: now })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, updated_at: now }))
      .execute();
    this.forget(orgId);
  }

  forget(orgId: string): void {
    this.#orgs.delete(orgId);
  }
}

function keyOf(orgId: string): string {
  return `registry.${orgId}`;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
