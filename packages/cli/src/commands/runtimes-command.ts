import {
  adapterFor,
  detectRuntimes,
  knownRuntimes,
  type RuntimeAdapter,
  type RuntimeObservation,
  readObservation,
} from '@molecule/adapters';
import { homeLayout } from '@molecule/adapters/home';
import type { Printer } from '../output/printer.ts';
import { table } from '../output/table.ts';

/** Rungs of the proof ladder that depend on the runtime; the others are the same for all. */
const LADDER = ['rendered', 'parsed', 'live', 'used'] as const;

/** One row of the matrix: what the adapter declares, which of it the conformance kit saw, and what this machine has. */
interface RuntimeRow {
  readonly runtime: string;
  readonly title: string;
  /** `run`: the real binary took part; `format`: built to the documented format, not run; `never`: there is no record. */
  readonly tested: 'run' | 'format' | 'never';
  readonly testedVersion: string | null;
  readonly here: { readonly available: boolean; readonly version: string | null; readonly path: string | null };
  readonly config: string;
  readonly instructions: string;
  readonly envReference: string;
  readonly trustSwitch: string | null;
  readonly streaming: boolean;
  readonly resume: boolean;
  readonly cancel: boolean;
  readonly reload: string;
  /** The runtime itself fails the turn when a required server is broken; where it does not, only the platform's gate does. */
  readonly requiredServers: boolean;
  readonly httpServers: boolean;
  readonly ladder: Readonly<Record<(typeof LADDER)[number], 'seen' | 'not_seen'>>;
}

/** `molecule runtimes`: the matrix, printed from the records that the conformance kit keeps and checks. */
export async function showRuntimes(printer: Printer, env: NodeJS.ProcessEnv): Promise<void> {
  const found = await detectRuntimes(env);
  const rows = await Promise.all(
    knownRuntimes().map(async (runtime) =>
      rowOf(
        adapterFor(runtime),
        await readObservation(runtime),
        found.find((each) => each.runtime === runtime),
      ),
    ),
  );
  printer.value(rows);
  const yes = (value: boolean): string => (value ? 'yes' : '-');
  printer.line(
    table(
      [
        'RUNTIME',
        'TESTED',
        'HERE',
        'CONFIG',
        'ENV REFERENCE',
        'STREAM',
        'RESUME',
        'CANCEL',
        'RELOAD',
        'REQUIRED',
        ...LADDER.map((rung) => rung.toUpperCase()),
      ],
      rows.map((row) => [
        row.runtime,
        testedWords(row),
        row.here.available ? (row.here.version ?? 'yes') : '-',
        row.config,
        row.envReference,
        yes(row.streaming),
        yes(row.resume),
        yes(row.cancel),
        row.reload.replace('_', ' '),
        row.requiredServers ? 'fails' : 'goes on',
        ...LADDER.map((rung) => (row.ladder[rung] === 'seen' ? 'seen' : '-')),
      ]),
    ),
  );
  printer.line('');
  for (const row of rows) if (row.trustSwitch !== null) printer.line(`${row.runtime}: ${row.trustSwitch}`);
}

function rowOf(
  adapter: RuntimeAdapter,
  record: RuntimeObservation | null,
  here: { readonly available: boolean; readonly version: string | null; readonly path: string | null } | undefined,
): RuntimeRow {
  const { capabilities } = adapter;
  const observed = (fact: string): boolean => record?.observed.includes(fact) === true;
  const [config = '', instructions = ''] = adapter.nativeFiles(homeLayout('~')).map(({ path }) => path);
  return {
    runtime: adapter.id,
    title: adapter.title,
    tested: record?.tested ?? 'never',
    testedVersion: record?.version ?? null,
    here: { available: here?.available === true, version: here?.version ?? null, path: here?.path ?? null },
    config,
    instructions,
    envReference: capabilities.envReference,
    trustSwitch: capabilities.trustSwitch ?? null,
    streaming: capabilities.streaming && observed('streaming'),
    resume: capabilities.resume && observed('resume'),
    cancel: capabilities.cancel && observed('cancel'),
    reload: capabilities.reload,
    requiredServers: capabilities.requiredServers && observed('requiredServers'),
    httpServers: capabilities.httpServers && observed('httpServers'),
    ladder: {
      rendered: seen(observed('rendered')),
      parsed: seen(observed('parsed')),
      live: seen(observed('live')),
      used: seen(observed('used')),
    },
  };
}

function seen(value: boolean): 'seen' | 'not_seen' {
  return value ? 'seen' : 'not_seen';
}

function testedWords({ tested, testedVersion }: RuntimeRow): string {
  return tested === 'run'
    ? (testedVersion ?? 'run')
    : tested === 'format'
      ? 'format-tested, not run'
      : 'not proved yet';
}
