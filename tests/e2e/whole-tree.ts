import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files below a folder that hold the text, by path; sockets and files that vanish meanwhile are passed over. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    try {
      if (entry.isDirectory()) return filesWith(path, text);
      return entry.isFile() && readFileSync(path).includes(text) ? [path] : [];
    } catch {
      return [];
    }
  });
}

/** Command lines of this machine that hold the text. */
export function commandLinesWith(text: string): string[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const command = /^\d+$/.test(name) ? readFileSync(join('/proc', name, 'cmdline'), 'utf8') : '';
      return command.includes(text) ? [command] : [];
    } catch {
      return [];
    }
  });
}
