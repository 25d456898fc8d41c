import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { RuntimeAdapter } from '@molecule/adapters';
import { describeFailure } from './boot-journal.ts';
import { type BoxContext, identityText, loadApplied } from './box-context.ts';
import { countRepairs, type RepairHistory } from './drift-rule.ts';
import { nativeStamp } from './native-files.ts';
import { renderBox } from './rendering.ts';
import { setUpRuntime } from './runtime-setup.ts';

/** Editors and CLIs write in several steps; one look after the last of them is enough. */
const SETTLE_MS = 200;

export interface DriftRepair {
  readonly stamp: string;
  readonly isRepaired: boolean;
  /** An entry of a server was touched, or is still not as it should be. */
  readonly isCapabilityTouched: boolean;
}

/**
 * Looks after the native files of one box while it lives.
 *
 * States: resting (one cheap look at every beat) and watching (a session is warm: the system tells of changes at once). A changed file is read and rendered again;
 * runtimes rewrite their own files all the time, so a change of which nothing of ours is touched is no drift. A file that had to be repaired three times
 * within ten minutes is contested: it is reported and left alone until the next boot.
 */
export class DriftWatch {
  readonly contested = new Set<string>();
  readonly #context: BoxContext;
  readonly #onChange: () => void;
  readonly #adapter: RuntimeAdapter | undefined;
  #stamp = '';
  #history: RepairHistory = {};
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(context: BoxContext, runtime: string, onChange: () => void) {
    this.#context = context;
    this.#adapter = context.services.adapters.get(runtime);
    this.#onChange = onChange;
  }

  /** This is how the files are meant to be. */
  accept(stamp: string): void {
    this.#stamp = stamp;
  }

  /** Compares inode, size and time of the files with the accepted ones. Microseconds. */
  look(): void {
    const adapter = this.#adapter;
    if (adapter === undefined || this.#stamp === '') return;
    if (nativeStamp(adapter, this.#context.layout) !== this.#stamp) this.#onChange();
  }

  /** Switches the watching of the folders on and off. */
  watch(isOn: boolean): void {
    if (isOn === this.#watchers.length > 0) return;
    this.close();
    const adapter = isOn ? this.#adapter : undefined;
    if (adapter === undefined) return;
    const folders = new Set(adapter.nativeFiles(this.#context.layout).map(({ path }) => dirname(path)));
    for (const folder of folders) {
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#settle());
        watcher.on('error', () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // The folder does not exist, or the system has no watch left: the look at the beat remains.
      }
    }
  }

  close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Renders again what was applied, and records what had to be put right. Null: the runtime is not known here. */
  async repair(): Promise<DriftRepair | null> {
    const { services, layout, journal } = this.#context;
    const adapter = this.#adapter;
    if (adapter === undefined) return null;
    const state = loadApplied(layout);
    const setup = setUpRuntime(this.#context, state, adapter, await services.detect(adapter));
    const startedAt = performance.now();
    const result = renderBox(
      {
        adapter,
        layout,
        servers: setup.servers,
        identity: identityText(state),
        skills: state.skills,
        frozen: this.contested,
      },
      services.now(),
    );
    const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
    const detail = {
      files: result.written,
      setAside: result.setAside,
      notes: result.notes.filter(({ action }) => action !== 'unchanged').slice(0, 50),
    };
    if (result.failure !== null)
      journal.add({ step: 'drift.repair', ok: false, durationMs, ...describeFailure(result.failure), detail });
    else if (result.written.length > 0) {
      journal.add({
        step: 'drift.repaired',
        ok: true,
        durationMs,
        code: null,
        message: `${result.written.length} files were changed from outside and put right`,
        nextStep: null,
        detail,
      });
      const { history, contested } = countRepairs(this.#history, result.written, services.now());
      this.#history = history;
      for (const id of contested) {
        this.contested.add(id);
        journal.add({
          step: 'drift.contested',
          ok: false,
          durationMs: null,
          code: 'contested',
          message: `The file ${id} is changed back again and again.`,
          nextStep: 'Find out which program or agent changes it. It is left as it is until the workspace restarts.',
          detail: { file: id },
        });
      }
    }
    this.#stamp = result.stamp;
    const isRepaired = result.written.length > 0;
    const isCapabilityTouched =
      (isRepaired && detail.notes.some(({ server }) => server !== null)) ||
      Object.values(result.servers).some(({ ok }) => !ok);
    return { stamp: this.#stamp, isRepaired, isCapabilityTouched };
  }

  #settle(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.look();
    }, SETTLE_MS);
    this.#timer.unref();
  }
}
