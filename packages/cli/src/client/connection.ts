import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENV, MoleculeError } from '@molecule/contracts';
import { z } from 'zod';
import { defaultDataDir } from '../installation/data-dir.ts';
import { UsageError } from '../output/usage-error.ts';

const ClientFile = z.object({ url: z.url(), token: z.string() });

export interface Connection {
  readonly url: string;
  readonly token: string;
}

/**
 * Where the control plane is and with which token: flags, then the environment, then what `up` left in the data directory (readable by its owner only).
 * @throws MoleculeError `not_running`
 */
export async function findConnection(flags: { readonly dataDir?: string | undefined }): Promise<Connection> {
  const url = process.env[ENV.apiUrl];
  const token = process.env[ENV.orgApiKey] ?? process.env[ENV.apiKey];
  if (flags.dataDir === undefined && url !== undefined && token !== undefined) {
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
      throw new UsageError(`${ENV.apiUrl} is no address of a control plane: ${url}`);
    return { url: url.replace(/\/+$/, ''), token };
  }
  const path = join(flags.dataDir ?? defaultDataDir(), 'run', 'client.json');
  try {
    return ClientFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new MoleculeError('not_running', { params: { detail: `there is no ${path}` }, cause: error });
  }
}
