import { readFile } from 'node:fs/promises';

/** What the conformance kit saw of a runtime, as kept in `observed/`. Its tests fail when a record says anything else than they see. */
export interface RuntimeObservation {
  readonly runtime: string;
  /** Version of the binary that was run; null = none was. */
  readonly version: string | null;
  readonly tested: 'run' | 'format';
  /** Capabilities and rungs of the proof ladder that were seen. */
  readonly observed: readonly string[];
}

/** The record of a runtime; null where its kit has never been run. */
export async function readObservation(runtime: string): Promise<RuntimeObservation | null> {
  if (!/^[a-z0-9-]+$/.test(runtime)) return null;
  try {
    // Beside `src` and `dist`. Written by the conformance kit and by nothing else.
    const text = await readFile(new URL(`../../observed/${runtime}.json`, import.meta.url), 'utf8');
    return JSON.parse(text) as RuntimeObservation;
  } catch {
    return null;
  }
}
