import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HostId, newId } from '@molecule/contracts';
import { writeDurableFile } from '../files/durable-file.ts';

/** The identity of this box host, made once and the same over its restarts. A damaged file is replaced by a new identity. */
export function hostIdentity(path: string): HostId {
  try {
    return HostId.parse(readFileSync(path, 'utf8').trim());
  } catch {
    const id = HostId.parse(newId());
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeDurableFile(path, `${id}\n`);
    return id;
  }
}
