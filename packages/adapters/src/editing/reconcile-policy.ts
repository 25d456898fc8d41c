/** What to do where the file and the wish meet something that is not ours. */
export interface ReconcilePolicy {
  /** An entry of ours that somebody edited. */
  readonly edited: 'replace' | 'keep';
  /** An entry of the same name that we never wrote. */
  readonly foreign: 'replace' | 'keep';
  /** An entry that equals the wish but was never written by us: own it from now on, or leave it to its author. */
  readonly identical: 'adopt' | 'leave';
  /** A value of another type where a map belongs (`"mcpServers": []`). */
  readonly wrongShape: 'replace' | 'refuse';
  /** A file that cannot be parsed or edited: set it aside and rebuild, or refuse it untouched. */
  readonly corrupt: 'rebuild' | 'refuse';
}

/** Inside a box the declaration rules: drift is repaired, a broken file is set aside and rebuilt (B52, B55). */
export const BOX_POLICY: ReconcilePolicy = {
  edited: 'replace',
  foreign: 'replace',
  identical: 'adopt',
  wrongShape: 'replace',
  corrupt: 'rebuild',
};

/** On a person's own machine nothing of theirs is touched; what cannot be done is reported. */
export const PERSON_POLICY: ReconcilePolicy = {
  edited: 'keep',
  foreign: 'keep',
  identical: 'leave',
  wrongShape: 'refuse',
  corrupt: 'refuse',
};
