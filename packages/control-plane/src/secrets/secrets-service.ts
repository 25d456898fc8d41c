import { ENV, MoleculeError, type SecretInfo } from '@molecule/contracts';
import {
  appendAudit,
  appendEvents,
  bumpGeneration,
  deleteSecret,
  type Executor,
  findSecret,
  listSecrets,
  lockSecretsNotUnder,
  rewrapSecret,
  type SecretKey,
  type SecretRow,
  secretsForBox,
  secretsForGateway,
  storeGrants,
  storeSecret,
} from '@molecule/store';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { KeyRing } from './key-ring.ts';
import { lockForSealing, lockWhileRenewing, oneRotationAtATime } from './rotation-locks.ts';
import { openValue, rewrapValue, type SealedRow, sealValue } from './secret-seal.ts';

/** Who a box is, is not for a secret to say. The model has its own command, because both its variables must agree (B19). */
const RESERVED: ReadonlyMap<string, readonly [detail: string, nextStep: string]> = new Map([
  [ENV.apiUrl, ['it says where the control plane is', 'Use another name.']],
  [ENV.apiKey, ["it is the box's own token", 'Use another name.']],
  [ENV.orgId, ['it says who the box is', 'Use another name.']],
  [ENV.workspaceId, ['it says who the box is', 'Use another name.']],
  [ENV.model, ['the model is chosen elsewhere', 'Use `molecule model set`.']],
  ['MODEL', ['the model is chosen elsewhere', 'Use `molecule model set`.']],
]);
const REWRAPPED_AT_ONCE = 200;

export interface SecretDeed {
  readonly orgId: string;
  readonly actor: string;
}

/** A value, or that there is none, or that it cannot be opened: which is not the same (B15). */
export type OpenedSecret =
  | { readonly state: 'set'; readonly value: string; readonly row: SecretRow }
  | { readonly state: 'unset' }
  | { readonly state: 'unreadable'; readonly row: SecretRow };

/**
 * Secrets of the org and of workspaces. Values go in and never come out over the API; they leave only for a box that was granted them, and
 * for the gateway's own calls. Every change and every delivery is in the audit log, by name.
 */
export class SecretsService {
  readonly #keys: KeyRing;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Names that belong to model providers: used on the server alone, never put into a box. */
  #gatewayNames: (db: Executor, orgId: string) => Promise<ReadonlySet<string>> = async () => new Set();

  constructor(keys: KeyRing, clock: Clock, log: Logger) {
    this.#keys = keys;
    this.#clock = clock;
    this.#log = log;
  }

  /** Tells which names are provider keys and addresses; the registry knows. */
  useGatewayNames(names: (db: Executor, orgId: string) => Promise<ReadonlySet<string>>): void {
    this.#gatewayNames = names;
  }

  async isForGateway(db: Executor, orgId: string, name: string): Promise<boolean> {
    return (await this.#gatewayNames(db, orgId)).has(name);
  }

  /**
   * Stores a value. @param grants for a secret of the org: the workspaces that get it; undefined leaves them
   * @throws MoleculeError `secret_name_reserved`
   */
  async set(
    trx: Executor,
    key: SecretKey,
    value: string,
    deed: SecretDeed,
    more: { readonly grants?: readonly string[]; readonly origin?: SecretRow['origin'] } = {},
  ): Promise<SecretRow> {
    const reserved = RESERVED.get(key.name);
    if (reserved !== undefined)
      throw new MoleculeError('secret_name_reserved', {
        params: { name: key.name, detail: reserved[0], nextStep: reserved[1] },
      });
    if (key.name === ENV.llmProvider && key.workspaceId === null)
      throw new MoleculeError('secret_name_reserved', {
        params: {
          name: key.name,
          detail: 'a pin belongs to a workspace',
          nextStep: 'Name the workspace, or use `molecule model set --provider`.',
        },
      });
    const now = this.#clock.now();
    await lockForSealing(trx);
    await this.#keys.reload();
    const seal = (row: SealedRow) => ({
      sealed: sealValue(value, row, this.#keys.current),
      keyId: this.#keys.current.id,
    });
    const row = await storeSecret(trx, key, seal, { actor: deed.actor, origin: more.origin ?? 'customer', now });
    const moved =
      more.grants === undefined || key.workspaceId !== null
        ? []
        : await storeGrants(trx, row.id, more.grants, deed.actor);
    await this.#announce(trx, row, moved, deed);
    const grants = more.grants === undefined ? {} : { grants: [...more.grants] };
    await appendAudit(
      trx,
      {
        orgId: deed.orgId,
        actor: deed.actor,
        action: 'secret.set',
        target: row.id,
        data: { name: key.name, workspaceId: key.workspaceId, version: row.version, ...grants },
      },
      now,
    );
    return row;
  }

  /** @throws MoleculeError `secret_not_found` */
  async grant(trx: Executor, key: SecretKey, grants: readonly string[], deed: SecretDeed): Promise<SecretRow> {
    const row = await findSecret(trx, key, true);
    if (row === undefined) throw new MoleculeError('secret_not_found', { params: { name: key.name } });
    await this.#announce(trx, row, await storeGrants(trx, row.id, grants, deed.actor), deed);
    await appendAudit(
      trx,
      {
        orgId: deed.orgId,
        actor: deed.actor,
        action: 'secret.grant',
        target: row.id,
        data: { name: key.name, grants: [...grants] },
      },
      this.#clock.now(),
    );
    return row;
  }

  /** @throws MoleculeError `secret_not_found` */
  async remove(trx: Executor, key: SecretKey, deed: SecretDeed): Promise<void> {
    const row = await findSecret(trx, key, true);
    if (row === undefined) throw new MoleculeError('secret_not_found', { params: { name: key.name } });
    await this.#announce(trx, row, [], deed);
    await deleteSecret(trx, key);
    await appendAudit(
      trx,
      {
        orgId: deed.orgId,
        actor: deed.actor,
        action: 'secret.delete',
        target: row.id,
        data: { name: key.name, workspaceId: key.workspaceId },
      },
      this.#clock.now(),
    );
  }

  async list(db: Executor, orgId: string, workspaceId: string | null): Promise<readonly SecretInfo[]> {
    const rows = await listSecrets(db, orgId, workspaceId);
    return Promise.all(rows.map((row) => this.info(db, row, row.grants)));
  }

  async info(db: Executor, row: SecretRow, grants: readonly string[]): Promise<SecretInfo> {
    return {
      id: row.id,
      name: row.name,
      workspaceId: row.workspace_id,
      origin: row.origin,
      use: (await this.isForGateway(db, row.org_id, row.name)) ? 'gateway' : 'box',
      version: row.version,
      grants: [...grants],
      createdBy: row.created_by,
      updatedAt: row.updated_at.toISOString(),
    };
  }

  /** Names that a workspace's box gets; no value is opened for it. */
  async namesForBox(db: Executor, orgId: string, workspaceId: string): Promise<readonly string[]> {
    return (await this.#forBox(db, orgId, workspaceId)).map((row) => row.name);
  }

  /** Values for a workspace's box, with an entry in the access log. One that cannot be opened is left out and logged. */
  async deliver(trx: Executor, orgId: string, workspaceId: string): Promise<Record<string, string>> {
    const rows = await this.#forBox(trx, orgId, workspaceId);
    const values: Record<string, string> = {};
    for (const row of rows) {
      const opened = await this.#open(row);
      if (opened.state === 'set') values[row.name] = opened.value;
    }
    const names = Object.keys(values);
    if (names.length > 0) {
      await appendAudit(
        trx,
        { orgId, actor: `box:${workspaceId}`, action: 'secret.deliver', target: workspaceId, data: { names } },
        this.#clock.now(),
      );
    }
    return values;
  }

  async read(db: Executor, key: SecretKey): Promise<OpenedSecret> {
    const row = await findSecret(db, key);
    return row === undefined ? { state: 'unset' } : this.#open(row);
  }

  /** Provider keys and addresses for the gateway's own use: the workspace's before the org's. */
  async forGateway(
    db: Executor,
    orgId: string,
    workspaceId: string | null,
    names: readonly string[],
  ): Promise<readonly OpenedSecret[]> {
    const rows = await secretsForGateway(db, orgId, workspaceId, names);
    return Promise.all(rows.map((row) => this.#open(row)));
  }

  /**
   * Rotation: a new master key where the key file is ours, then every secret is wrapped anew, then the old keys go. Safe to repeat after a crash, beside
   * other rotations and beside secrets that are being stored.
   */
  async rotate(db: Executor, deed: SecretDeed): Promise<{ readonly keyId: string; readonly rewrapped: number }> {
    const done = await oneRotationAtATime(db, async (own) => {
      await own.transaction().execute(async (trx) => {
        await lockWhileRenewing(trx);
        await this.#keys.renew();
      });
      const keyId = this.#keys.current.id;
      let rewrapped = 0;
      for (;;) {
        const count = await own.transaction().execute(async (trx) => {
          const rows = await lockSecretsNotUnder(trx, keyId, REWRAPPED_AT_ONCE);
          for (const row of rows) await rewrapSecret(trx, row.id, this.#rewrap(row), keyId);
          return rows.length;
        });
        rewrapped += count;
        if (count === 0) break;
      }
      await this.#keys.dropOld();
      return { keyId, rewrapped };
    });
    await db.transaction().execute((trx) =>
      appendAudit(
        trx,
        {
          orgId: deed.orgId,
          actor: deed.actor,
          action: 'secret.rotate',
          target: null,
          data: { rewrapped: done.rewrapped },
        },
        this.#clock.now(),
      ),
    );
    return done;
  }

  #rewrap(row: SecretRow): Buffer {
    try {
      return rewrapValue(row.sealed, row.key_id, sealedRow(row), this.#keys);
    } catch (error) {
      throw new MoleculeError('secret_unreadable', {
        params: { name: row.name, detail: error instanceof Error ? error.message : 'unknown' },
        cause: error,
      });
    }
  }

  async #open(row: SecretRow): Promise<OpenedSecret> {
    try {
      if (this.#keys.find(row.key_id) === undefined) await this.#keys.reload();
      return { state: 'set', value: openValue(row.sealed, row.key_id, sealedRow(row), this.#keys), row };
    } catch (error) {
      this.#log.error(
        {
          secret: row.name,
          workspaceId: row.workspace_id,
          keyId: row.key_id,
          detail: error instanceof Error ? error.message : 'unknown',
        },
        'a secret cannot be opened',
      );
      return { state: 'unreadable', row };
    }
  }

  /** The pin reaches a box as part of its desired state, provider keys not at all. */
  async #forBox(db: Executor, orgId: string, workspaceId: string): Promise<readonly SecretRow[]> {
    const gateway = await this.#gatewayNames(db, orgId);
    return (await secretsForBox(db, workspaceId)).filter(({ name }) => name !== ENV.llmProvider && !gateway.has(name));
  }

  /** Those whose box has it learn of it with their next heartbeat, without a restart; a provider's key concerns no box. */
  async #announce(trx: Executor, row: SecretRow, moved: readonly string[], deed: SecretDeed): Promise<void> {
    if (row.name === ENV.llmProvider || !(await this.isForGateway(trx, row.org_id, row.name))) {
      const granted =
        row.workspace_id === null
          ? await trx.selectFrom('secret_grants').select('workspace_id').where('secret_id', '=', row.id).execute()
          : [{ workspace_id: row.workspace_id }];
      for (const id of new Set([...granted.map((each) => each.workspace_id), ...moved])) await bumpGeneration(trx, id);
    }
    await appendEvents(trx, [
      {
        orgId: row.org_id,
        workspaceId: row.workspace_id,
        type: 'secret.changed',
        actor: deed.actor,
        data: { name: row.name, version: row.version, workspaces: [...moved] },
      },
    ]);
  }
}

function sealedRow(row: SecretRow): SealedRow {
  return { id: row.id, orgId: row.org_id, workspaceId: row.workspace_id, name: row.name };
}
