import { posix } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import type { BoxEntry } from './backend.ts';
import { runBoxCommand } from './box-command.ts';
import { isWithin } from './isolation-policy.ts';
import type { Sandbox } from './sandbox.ts';

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const FILE_LIMITS = { limitMs: 30_000, maxOutput: 16 * 1024 * 1024 };

/**
 * The files of a workspace, read and written by a program inside its sandbox.
 *
 * The host does not open them itself: a link that the agent puts there would lead it anywhere, and no check of the path can
 * exclude that the agent swaps it afterwards. Inside, a link leads to what the agent can reach anyway.
 */
export class BoxFiles {
  readonly #sandbox: Sandbox;
  readonly #folder: string;

  constructor(sandbox: Sandbox, folder: string) {
    this.#sandbox = sandbox;
    this.#folder = folder;
  }

  async read(path: string): Promise<Buffer> {
    const script = `test -f "$1" && test "$(wc -c < "$1")" -le ${MAX_FILE_BYTES} && base64 < "$1"`;
    return Buffer.from(await this.#run(script, path), 'base64');
  }

  /** The file is there whole or not at all: it is written beside and renamed. */
  async write(path: string, content: Buffer): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && base64 -d > "$1.molecule-new" && mv -f "$1.molecule-new" "$1"';
    await this.#run(script, path, content.toString('base64'));
  }

  async list(path: string): Promise<BoxEntry[]> {
    // Ended by NUL, because a name may hold everything else; an empty one parts the two lists.
    const find = 'find . -mindepth 1 -maxdepth 1';
    const output = await this.#run(
      `cd "$1" && ${find} -type d -print0 && printf '\\0' && ${find} ! -type d -print0`,
      path,
    );
    const names = output.replace(/\n$/, '').split('\0').slice(0, -1);
    const border = names.indexOf('');
    return names
      .map((name, index) => ({
        name: name.slice('./'.length),
        kind: index < border ? ('directory' as const) : ('other' as const),
      }))
      .filter((_, index) => index !== border)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #run(script: string, path: string, input?: string): Promise<string> {
    const target = posix.join(this.#folder, path);
    if (!isWithin(target, this.#folder) || path.includes('\0'))
      throw fileError(path, 'it lies outside the folder of the workspace');
    const command = {
      command: '/bin/sh',
      args: ['-c', script, 'sh', target],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      cwd: this.#folder,
    };
    const { exit, stdout, stderr } = await runBoxCommand(command, this.#sandbox, FILE_LIMITS, input);
    if (exit.code !== 0)
      throw fileError(path, stderr.trim().slice(0, 500) || 'there is no such file, or it is too large');
    return stdout;
  }
}

function fileError(path: string, detail: string): MoleculeError {
  return new MoleculeError('invalid_request', { params: { detail: `the file "${path}": ${detail}` } });
}
