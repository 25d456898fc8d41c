import { MoleculeError } from '@molecule/contracts';
import type { TreeFile } from '../../artifact/tree-digest.ts';
import { TreeGate } from '../../artifact/tree-gate.ts';
import type { TreeLimits } from '../../artifact/tree-limits.ts';

export interface GitEntry {
  readonly path: string;
  readonly object: string;
  readonly sizeBytes: number;
  readonly executable: boolean;
}

const LINE = /^(\d{6}) (\w+) ([0-9a-f]{40,64}) +(-|\d+)\t(.+)$/s;

/** Entries of `git ls-tree -r -z -l`, let through the gate: sizes are known before any content is read. */
export function admitGitTree(listing: Buffer, label: string, limits: TreeLimits): readonly GitEntry[] {
  const gate = new TreeGate(label, limits);
  const entries: GitEntry[] = [];
  for (const line of listing.toString('utf8').split('\0')) {
    if (line === '') continue;
    const [, mode = '', , object = '', size = '', path = ''] = LINE.exec(line) ?? [];
    const type =
      mode === '120000' ? 'link' : mode === '160000' ? 'submodule' : mode.startsWith('100') ? 'file' : 'special';
    const sizeBytes = size === '-' ? 0 : Number(size);
    gate.admit({ path, type, sizeBytes });
    entries.push({ path, object, sizeBytes, executable: mode === '100755' });
  }
  return entries;
}

/** Files from the output of `git cat-file --batch`, which comes in the order of the questions. */
export function filesOfBatch(output: Buffer, entries: readonly GitEntry[], label: string): readonly TreeFile[] {
  let at = 0;
  return entries.map(({ path, object, sizeBytes, executable }) => {
    const lineEnd = output.indexOf(0x0a, at);
    const header = output.toString('latin1', at, lineEnd < 0 ? at : lineEnd);
    const content = output.subarray(lineEnd + 1, lineEnd + 1 + sizeBytes);
    if (header !== `${object} blob ${sizeBytes}` || content.length !== sizeBytes) {
      throw new MoleculeError('plugin_fetch_failed', {
        params: {
          plugin: label,
          detail: `git did not give the content of ${path}`,
          reason: 'failed',
          nextStep: 'Try again.',
        },
      });
    }
    at = lineEnd + 1 + sizeBytes + 1;
    return { path, executable, content: Buffer.from(content) };
  });
}
