import { readFileSync, readlinkSync } from 'node:fs';
import { contentMark } from './content-mark.ts';

export { contentMark };

/*
 * The short cut of a rendering that has nothing to do. Rendering is a pure function of the sources, the texts of the native files,
 * the ledger and the program, so a mark over these tells that the last result still holds. Loads next to nothing: anything else
 * would cost more than the answer.
 */

/** Kept in the ledger: the mark, and where to look for what it was made of. */
export interface Settled {
  readonly mark: string;
  /** Native files of the runtime, and places of the links to its skills. */
  readonly files: readonly string[];
  readonly links: readonly string[];
}

/** Paths with what stands there: the text of a file, the target of a link; null = nothing, or nothing of the kind. */
export type Standing = readonly (readonly [path: string, content: string | null])[];

interface SettledSource {
  readonly source: string;
  readonly stamp: string;
}

/** `build` names the program that renders: another one may render otherwise. */
export function settledMark(
  build: string,
  sources: readonly SettledSource[],
  files: Standing,
  links: Standing,
): string {
  const known = [build, sources.map(({ source, stamp }) => [source, stamp]), files, links];
  return contentMark(JSON.stringify(known));
}

/** Whether everything stands as the mark says, by a look at each file and link. */
export function stillSettled(
  { mark, files, links }: Settled,
  build: string,
  sources: readonly SettledSource[],
): boolean {
  const texts = files.map((path) => [path, attempt(() => readFileSync(path, 'utf8'))] as const);
  const targets = links.map((path) => [path, attempt(() => readlinkSync(path))] as const);
  return settledMark(build, sources, texts, targets) === mark;
}

function attempt(look: () => string): string | null {
  try {
    return look();
  } catch {
    return null;
  }
}
