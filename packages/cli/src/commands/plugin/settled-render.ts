import { readFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Settled, stillSettled } from '@molecule/adapters/settled';
import { renderingBuild } from './rendering-build.ts';
import { placeOfSource, stampOfFolder } from './source-place.ts';

interface Asked {
  readonly sources: readonly string[];
  readonly runtime: string;
  readonly home: string;
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** What is needed of a record of the ledger (`RenderedSource`, `HomeRecord`). */
interface KnownRecord {
  readonly sources: readonly { readonly source: string; readonly stamp: string; readonly files: readonly string[] }[];
  readonly settled?: Settled;
}

/**
 * Answers `plugin render` where everything stands as the last run left it, and only then; false = the whole program has to look.
 * People run it in shell start files, so that it may cost little more than starting Node: it loads four small modules. Anything
 * that is out of the ordinary, a misspelt option too, is left to the whole program.
 */
export function answerSettledRender(argv: readonly string[]): boolean {
  const asked = readCommandLine(argv.slice(2));
  if (asked === null) return false;
  const home = resolve(asked.home);
  if (!standsAsRendered(asked, home)) return false;
  const nothing = { files: [], links: [], notes: [], refused: [], keptPaths: [], absent: [] };
  if (asked.json)
    writeSync(
      1,
      `${JSON.stringify({ runtime: asked.runtime, home, dryRun: asked.dryRun, written: false, ...nothing })}\n`,
    );
  else writeSync(2, 'Nothing to change.\n');
  return true;
}

function standsAsRendered({ sources, runtime }: Asked, home: string): boolean {
  try {
    // Written by us; whatever else it may be ends in the catch below or in a digest that does not fit.
    const ledger = JSON.parse(readFileSync(join(home, '.molecule', 'render-ledger.json'), 'utf8')) as {
      version: unknown;
      runtimes: Record<string, KnownRecord>;
    };
    const record =
      ledger.version === 1 && Object.hasOwn(ledger.runtimes, runtime) ? ledger.runtimes[runtime] : undefined;
    if (record?.settled === undefined) return false;
    for (const text of sources) {
      const { source, folder } = placeOfSource(text, process.cwd());
      const known = record.sources.find((each) => each.source === source);
      if (known === undefined || folder === null || stampOfFolder(folder, known.files) !== known.stamp) return false;
    }
    return stillSettled(record.settled, renderingBuild(), record.sources);
  } catch {
    return false;
  }
}

/** The plain form of the command line; null for everything else. */
function readCommandLine(words: readonly string[]): Asked | null {
  const values: { runtime?: string; home?: string } = {};
  const plain: string[] = [];
  const flags = { json: false, dryRun: false };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--json') flags.json = true;
    else if (word === '--dry-run') flags.dryRun = true;
    else if (word === '--runtime' || word === '--home') {
      const value = words[at + 1];
      if (value === undefined || value.startsWith('-')) return null;
      values[word === '--home' ? 'home' : 'runtime'] = value;
      at += 1;
    } else if (word.startsWith('-')) return null;
    else plain.push(word);
  }
  const { runtime, home } = values;
  if (plain[0] !== 'plugin' || plain[1] !== 'render' || plain.length < 3 || runtime === undefined || home === undefined)
    return null;
  return { sources: plain.slice(2), runtime, home, ...flags };
}
