import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing, MasterKey } from './key-ring.ts';

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const HEAD_BYTES = 1 + IV_BYTES + KEY_BYTES + TAG_BYTES;

/** Which row a value belongs to: part of what is authenticated, so that a sealed value cannot be moved to another row. */
export interface SealedRow {
  readonly id: string;
  readonly orgId: string;
  readonly workspaceId: string | null;
  readonly name: string;
}

/**
 * The envelope of a secret (design 12): AES-256-GCM twice. The value is sealed with a random key of its own, that key with the master
 * key. Layout: format, iv, wrapped key, tag | iv, tag, value. Authenticated besides: table, row, column, and for the wrapped key the
 * id of the master key. Rotation wraps the same key anew and leaves the value's own part as it is.
 */
export function sealValue(value: string, row: SealedRow, master: MasterKey): Buffer {
  const key = randomBytes(KEY_BYTES);
  return Buffer.concat([wrap(key, row, master), encrypt(Buffer.from(value, 'utf8'), key, valueContext(row))]);
}

/** @throws Error when the key is not there or anything was changed; the message holds no part of the value */
export function openValue(sealed: Buffer, keyId: string, row: SealedRow, keys: KeyRing): string {
  const key = unwrap(sealed, keyId, row, keys);
  return decrypt(sealed.subarray(HEAD_BYTES), key, valueContext(row)).toString('utf8');
}

/** The same value under another master key. */
export function rewrapValue(sealed: Buffer, keyId: string, row: SealedRow, keys: KeyRing): Buffer {
  return Buffer.concat([wrap(unwrap(sealed, keyId, row, keys), row, keys.current), sealed.subarray(HEAD_BYTES)]);
}

function wrap(key: Buffer, row: SealedRow, master: MasterKey): Buffer {
  return Buffer.concat([Buffer.of(FORMAT), encrypt(key, master.bytes, keyContext(row, master.id), true)]);
}

function unwrap(sealed: Buffer, keyId: string, row: SealedRow, keys: KeyRing): Buffer {
  if (sealed[0] !== FORMAT || sealed.length < HEAD_BYTES + IV_BYTES + TAG_BYTES)
    throw new Error('the sealed value is damaged');
  const master = keys.find(keyId);
  if (master === undefined) throw new Error(`the master key ${keyId} is not here`);
  return decrypt(sealed.subarray(1, HEAD_BYTES), master.bytes, keyContext(row, keyId), true);
}

/** @param tagLast where the tag stands: behind the text, or before it where the text's length is open */
function encrypt(text: Buffer, key: Buffer, context: string, tagLast = false): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context, 'utf8'));
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat(tagLast ? [iv, body, cipher.getAuthTag()] : [iv, cipher.getAuthTag(), body]);
}

function decrypt(data: Buffer, key: Buffer, context: string, tagLast = false): Buffer {
  const iv = data.subarray(0, IV_BYTES);
  const tag = tagLast ? data.subarray(-TAG_BYTES) : data.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const body = tagLast ? data.subarray(IV_BYTES, -TAG_BYTES) : data.subarray(IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context, 'utf8'))
    .setAuthTag(tag);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

function valueContext(row: SealedRow): string {
  return JSON.stringify(['secrets', row.id, row.orgId, row.workspaceId, row.name, 'sealed']);
}

function keyContext(row: SealedRow, keyId: string): string {
  return JSON.stringify(['secrets', row.id, 'key', keyId]);
}
