import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxIdentity } from './isolation-policy.ts';

/**
 * Writes the tables of users and groups of a box, once per content, and returns their paths. They differ from box to box in the home folder, and
 * so they are two mounts of their own over the shared `/etc`. A crash leaves at most an unused draft; finished files are complete by rename.
 */
export function writeIdentityTables(
  stateDirectory: string,
  identity: BoxIdentity,
): { readonly passwd: string; readonly group: string } {
  const { name, uid, gid, home } = identity;
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  return {
    passwd: writeOnce(
      stateDirectory,
      'passwd',
      `root:x:0:0:root:/:/bin/sh\n${name}:x:${uid}:${gid}:${name}:${home}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`,
    ),
    group: writeOnce(stateDirectory, 'group', `root:x:0:\n${name}:x:${gid}:\nnogroup:x:65534:\n`),
  };
}

function writeOnce(directory: string, kind: string, content: string): string {
  const path = join(directory, `${kind}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`);
  if (!existsSync(path)) {
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, content, { mode: 0o644 });
    renameSync(draft, path);
  }
  return path;
}
