import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ENV, MoleculeError } from '@molecule/contracts';

const KEY_BYTES = 32;

export interface MasterKey {
  /** First digits of a hash of the key: tells keys apart, tells nothing of the key. */
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * The master keys: the first seals, all open. They come from MOLECULE_MASTER_KEY, from the file MOLECULE_MASTER_KEY_FILE names, or from
 * `keys/master.key` of the data directory, which is made once (0600). Several keys are separated by white space or commas, newest first.
 */
export class KeyRing {
  #keys: readonly MasterKey[];
  readonly #path: string | null;
  readonly #mayWrite: boolean;

  private constructor(keys: readonly MasterKey[], path: string | null, mayWrite: boolean) {
    this.#keys = keys;
    this.#path = path;
    this.#mayWrite = mayWrite;
  }

  /** @throws MoleculeError `master_key_invalid` */
  static async load(env: Readonly<Record<string, string | undefined>>, dataDir: string): Promise<KeyRing> {
    const given = env[ENV.masterKey];
    if (given !== undefined && given !== '') return new KeyRing(parseKeys(given, ENV.masterKey), null, false);
    const named = env[ENV.masterKeyFile];
    const path = named === undefined || named === '' ? join(dataDir, 'keys', 'master.key') : named;
    if (path !== named) await makeOnce(path);
    return new KeyRing(await readKeys(path), path, path !== named);
  }

  get current(): MasterKey {
    const [first] = this.#keys;
    if (first === undefined) throw new Error('a key ring is never empty');
    return first;
  }

  find(id: string): MasterKey | undefined {
    return this.#keys.find((key) => key.id === id);
  }

  /** Reads the file again: another process may have added a key. */
  async reload(): Promise<void> {
    if (this.#path !== null) this.#keys = await readKeys(this.#path);
  }

  /** Puts a new key first where the key file is ours; elsewhere the operator has put one there, and this only reads it. */
  async renew(): Promise<void> {
    await this.reload();
    if (this.#path === null || !this.#mayWrite) return;
    await writeKeys(this.#path, [keyOf(randomBytes(KEY_BYTES)), ...this.#keys]);
    await this.reload();
  }

  /** Drops all keys but the first from our own file, once nothing is sealed with them any more. */
  async dropOld(): Promise<void> {
    if (this.#path === null || !this.#mayWrite) return;
    await writeKeys(this.#path, [this.current]);
    await this.reload();
  }
}

async function makeOnce(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temporary, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  // A link, unlike a rename, never replaces a key that another process has just made.
  await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(temporary);
  await flushFolder(dirname(path));
}

async function readKeys(path: string): Promise<readonly MasterKey[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw invalid(`${path} cannot be read`, error);
  });
  return parseKeys(text, path);
}

async function writeKeys(path: string, keys: readonly MasterKey[]): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temporary, keys.map((key) => `${key.bytes.toString('base64')}\n`).join(''), {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
  await flushFolder(dirname(path));
}

/** A loss of power must not bring the file of before back: secrets may be sealed with the new key by then. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parseKeys(text: string, source: string): readonly MasterKey[] {
  const keys = text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => {
      const bytes = /^[0-9a-f]{64}$/i.test(word) ? Buffer.from(word, 'hex') : Buffer.from(word, 'base64');
      if (bytes.length !== KEY_BYTES) throw invalid(`${source} holds something that is not ${KEY_BYTES} bytes long`);
      return keyOf(bytes);
    });
  if (keys.length === 0) throw invalid(`${source} is empty`);
  return keys;
}

function keyOf(bytes: Buffer): MasterKey {
  return { id: createHash('sha256').update('molecule master key').update(bytes).digest('hex').slice(0, 16), bytes };
}

function invalid(detail: string, cause?: unknown): MoleculeError {
  return new MoleculeError('master_key_invalid', { params: { detail }, cause });
}
