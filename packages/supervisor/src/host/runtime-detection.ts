import { type Detection, type RuntimeAdapter, readObservation } from '@molecule/adapters';
import type { FoundRuntime, RuntimeFacts } from '@molecule/contracts';

/** A runtime that was not there is looked for again after this; one that was there stays found for the life of the host. */
const LOOK_AGAIN_MS = 10_000;

/** Remembers which runtimes this machine has. */
export class RuntimeDetection {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #now: () => number;
  readonly #found = new Map<string, { readonly at: number; readonly detection: Promise<Detection> }>();

  constructor(env: Readonly<Record<string, string | undefined>>, now: () => number) {
    this.#env = env;
    this.#now = now;
  }

  detect(adapter: RuntimeAdapter): Promise<Detection> {
    const known = this.#found.get(adapter.id);
    if (known !== undefined && this.#now() - known.at < LOOK_AGAIN_MS) return known.detection;
    const detection =
      known === undefined
        ? adapter.detect(this.#env)
        : known.detection.then((found) => (found.available ? found : adapter.detect(this.#env)));
    this.#found.set(adapter.id, { at: this.#now(), detection });
    return detection;
  }

  /** All runtimes, in the form of the host's connection. */
  async all(adapters: Iterable<RuntimeAdapter>): Promise<FoundRuntime[]> {
    return Promise.all(
      [...adapters].map(async (adapter) => {
        const { available, version, path, problem, hasLogin } = await this.detect(adapter);
        return { runtime: adapter.id, available, version, path, problem, hasLogin, facts: await factsOf(adapter) };
      }),
    );
  }
}

async function factsOf({ id, title, capabilities }: RuntimeAdapter): Promise<RuntimeFacts> {
  const record = await readObservation(id);
  const seen = (fact: 'streaming' | 'resume' | 'cancel' | 'requiredServers' | 'httpServers'): boolean =>
    capabilities[fact] && record?.observed.includes(fact) === true;
  return {
    title,
    tested: record?.tested ?? 'never',
    testedVersion: record?.version ?? null,
    streaming: seen('streaming'),
    resume: seen('resume'),
    cancel: seen('cancel'),
    reload: capabilities.reload,
    requiredServers: seen('requiredServers'),
    httpServers: seen('httpServers'),
  };
}
