/** Folders of one box. `root` holds the others; only `home` and `work` are visible to the agent, writable. */
export interface BoxLayout {
  readonly root: string;
  /** HOME of the agent; runtimes' native files live in folders below it. */
  readonly home: string;
  /** Working directory of turns. */
  readonly work: string;
  /** Supervisor's own: ledger, completion outbox, records of running processes. Never visible to the agent. */
  readonly run: string;
  /** `box`: ours alone, corrupt files are rebuilt. `person`: somebody's own home, corrupt files are refused untouched. */
  readonly owner: 'box' | 'person';
}

export function boxLayout(root: string): BoxLayout {
  return { root, home: `${root}/home`, work: `${root}/work`, run: `${root}/run`, owner: 'box' };
}
