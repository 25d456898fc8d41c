import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import type { RuntimeAdapter, RuntimeCapabilities, RuntimeObservation } from '../../src/index.ts';

/** Set to rewrite the records from which `molecule runtimes` prints its matrix. */
const UPDATE_FLAG = 'MOLECULE_UPDATE_OBSERVED';

/** Which case of the kit shows what. Titles, so that the cases themselves need to know nothing of it. */
const SHOWN_BY: Readonly<Record<string, RegExp>> = {
  rendered: /what is rendered is read back/,
  idempotent: /a second rendering changes nothing/,
  parsed: /it says itself what it loaded/,
  live: /its servers are started with the environment that the adapter tells/,
  used: /a turn streams, calls the real tool and ends well/,
  streaming: /a turn streams/,
  resume: /a session is resumed by a new process/,
  cancel: /cancel in the middle of/,
  warm: /a second turn uses the warm process/,
  reload: /a server that is added is there in the next turn after a reload/,
  envReference: /its servers are started with the environment that the adapter tells/,
  httpServers: /an HTTP server is reached with the token by reference/,
  requiredServers: /a required server that is broken fails the turn exactly where that is declared/,
};

/** The same where no binary was run: what was seen is the format. */
const SHOWN_BY_FORMAT: Readonly<Record<string, RegExp>> = {
  rendered: /what is rendered is read back/,
  idempotent: /a second rendering changes nothing/,
  streaming: /a turn streams in the documented form/,
  resume: /a session is resumed by a new process/,
  cancel: /cancel in the middle of/,
  warm: /a second turn uses the warm process/,
  reload: /a changed configuration is there in the next turn after a reload/,
  envReference: /the environment of a server holds what its entry names/,
  httpServers: /what is rendered is read back/,
};

/**
 * Notes which cases of the kit passed in this file, and, as its last test, compares that with what the adapter declares: a declared
 * capability that was not observed fails. Call it after all other cases of the file.
 *
 * The record in `observed/` is what the matrix is printed from. It must say what this run saw; the update flag rewrites it.
 */
export function observedCases(adapter: RuntimeAdapter, version: () => Promise<string | null>): void {
  const shownBy = adapter.capabilities.tested === 'run' ? SHOWN_BY : SHOWN_BY_FORMAT;
  const passed = new Set<string>();
  const failed = new Set<string>();
  afterEach(({ task }) => {
    for (const [fact, title] of Object.entries(shownBy)) {
      if (title.test(task.name)) (task.result?.state === 'fail' ? failed : passed).add(fact);
    }
  });

  test(
    verifies(
      ['B103', 'I3-matrix-honest'],
      `${adapter.id}: what is declared was observed in this run, and the record says the same`,
    ),
    async () => {
      const seen = (fact: string) => passed.has(fact) && !failed.has(fact);
      const { capabilities } = adapter;
      expect(unobservedClaims(capabilities, seen), 'declared, but not observed').toEqual([]);
      const observation: RuntimeObservation = {
        runtime: adapter.id,
        version: capabilities.tested === 'run' ? await version() : null,
        tested: capabilities.tested,
        observed: Object.keys(shownBy).filter(seen).sort(),
      };
      if (capabilities.tested === 'run') expect(observation.version).toBe(capabilities.testedVersion);
      const file = fileURLToPath(new URL(`../../observed/${adapter.id}.json`, import.meta.url));
      if (process.env[UPDATE_FLAG] === '1') {
        mkdirSync(fileURLToPath(new URL('../../observed/', import.meta.url)), { recursive: true });
        writeFileSync(file, `${JSON.stringify(observation, null, 2)}\n`);
      }
      const recorded: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : 'no record yet';
      expect(recorded, `run with ${UPDATE_FLAG}=1 to rewrite the record`).toEqual(observation);
    },
  );
}

const FACTS = ['streaming', 'resume', 'cancel', 'warm', 'httpServers', 'requiredServers'] as const;

/** What is declared and was not seen; anything in it fails the build. */
export function unobservedClaims(capabilities: RuntimeCapabilities, seen: (fact: string) => boolean): string[] {
  const claims: readonly string[] = [...FACTS.filter((fact) => capabilities[fact]), 'reload', 'envReference'];
  return claims.filter((fact) => !seen(fact));
}
