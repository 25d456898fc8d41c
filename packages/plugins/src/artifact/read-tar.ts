import { createGunzip } from 'node:zlib';
import { MoleculeError } from '@molecule/contracts';
import { Parser, type ReadEntry } from 'tar';
import type { TreeFile } from './tree-digest.ts';
import { type GateEntry, TreeGate } from './tree-gate.ts';
import { RATIO_FLOOR_BYTES, type TreeLimits } from './tree-limits.ts';

export interface TarReading {
  readonly plugin: string;
  readonly limits: TreeLimits;
  /** Leading folders that do not belong to the package, e.g. 1 for `package/…` of npm. */
  readonly strip: number;
}

const FILE_TYPES: readonly string[] = ['File', 'OldFile', 'ContiguousFile'];

/**
 * Reads a gzipped tar into memory, checking every limit while it streams: the reading stops with the first entry that is refused, and with the first byte
 * over a limit.
 * @throws MoleculeError `plugin_limit_exceeded`; `plugin_fetch_failed` for something that is no such archive
 */
export async function readTarGz(packed: AsyncIterable<Uint8Array>, reading: TarReading): Promise<readonly TreeFile[]> {
  const { plugin, limits } = reading;
  const collector = new TarCollector(reading);
  const gunzip = createGunzip();
  let packedBytes = 0;
  let unpackedBytes = 0;
  const overLimit = (detail: string): MoleculeError =>
    new MoleculeError('plugin_limit_exceeded', { params: { plugin, detail } });
  const feeding = (async () => {
    for await (const chunk of packed) {
      packedBytes += chunk.length;
      if (packedBytes > limits.packedBytes) throw overLimit(`its archive is larger than ${limits.packedBytes} bytes`);
      if (!gunzip.write(chunk))
        await new Promise<void>((resolve) => void gunzip.once('drain', resolve).once('close', resolve));
      if (gunzip.destroyed) return;
    }
    gunzip.end();
  })();
  feeding.catch((error: unknown) => gunzip.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpackedBytes += chunk.length;
      // Room for headers and padding beside the content; the content itself is counted by the gate.
      if (unpackedBytes > limits.totalBytes + limits.files * 2048)
        throw overLimit(`it is larger than ${limits.totalBytes} bytes`);
      if (unpackedBytes > RATIO_FLOOR_BYTES && unpackedBytes > packedBytes * limits.ratio)
        throw overLimit(`it unpacks to more than ${limits.ratio} times its size`);
      collector.write(chunk);
    }
    await feeding;
    return collector.end();
  } catch (error) {
    gunzip.destroy();
    if (error instanceof MoleculeError) throw error;
    throw new MoleculeError('plugin_fetch_failed', {
      params: {
        plugin,
        detail: `its archive cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        reason: 'archive',
        nextStep: '',
      },
      cause: error,
    });
  }
}

class TarCollector {
  readonly #parser: Parser;
  readonly #gate: TreeGate;
  readonly #files: { path: string; executable: boolean; chunks: Buffer[] }[] = [];
  readonly #strip: number;
  #failure: unknown = null;

  constructor(reading: TarReading) {
    this.#strip = reading.strip;
    this.#gate = new TreeGate(reading.plugin, reading.limits);
    this.#parser = new Parser({ strict: true, gzip: false, onReadEntry: (entry: ReadEntry) => this.#take(entry) });
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => this.#take(entry));
    this.#parser.on('error', (error: unknown) => this.#fail(error));
  }

  write(chunk: Buffer): void {
    this.#parser.write(chunk);
    if (this.#failure !== null) throw this.#failure;
  }

  end(): readonly TreeFile[] {
    this.#parser.end();
    if (this.#failure !== null) throw this.#failure;
    return this.#files.map(({ path, executable, chunks }) => ({ path, executable, content: Buffer.concat(chunks) }));
  }

  #take(entry: ReadEntry): void {
    try {
      const type = typeOf(entry.type);
      // What leads out must be seen before anything is stripped from it.
      const whole = entry.path.replace(/\/+$/, '');
      const parts = whole.split('/');
      const path = parts.slice(0, this.#strip).some((part) => part === '..' || part === '')
        ? whole
        : parts.slice(this.#strip).join('/');
      if (path === '' && type === 'directory') return void entry.resume();
      this.#gate.admit({ path, type, sizeBytes: entry.size });
      if (type === 'directory') return void entry.resume();
      const chunks: Buffer[] = [];
      this.#files.push({ path, executable: ((entry.mode ?? 0) & 0o111) !== 0, chunks });
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    } catch (error) {
      this.#fail(error);
      entry.resume();
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }
}

function typeOf(type: string): GateEntry['type'] {
  if (FILE_TYPES.includes(type)) return 'file';
  if (type === 'Directory') return 'directory';
  return type === 'SymbolicLink' || type === 'Link' ? 'link' : 'special';
}
