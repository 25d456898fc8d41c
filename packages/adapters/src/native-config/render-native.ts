import type { NativeFile, RenderInput, RenderNote, RenderOutcome } from '../contract/index.ts';
import { EMPTY_LEDGER, type FileLedger } from '../editing/ledger.ts';
import { type Action, type DesiredEntry, reconcile } from '../editing/reconcile.ts';
import { BOX_POLICY, PERSON_POLICY, type ReconcilePolicy } from '../editing/reconcile-policy.ts';
import { type IdentityLedger, renderIdentity } from './identity-block.ts';
import { INSTRUCTIONS_FILE, type NativeConfig, SERVERS_FILE } from './native-config.ts';
import { renderSkillLinks, type SkillLedger } from './skill-links.ts';

/** Key of the skill links in the ledger; no file has this id. */
export const SKILLS = 'skills';

/** Ledger, per file id, as this module writes it. Anything else in there counts as no ledger. */
export interface NativeLedger {
  readonly [SERVERS_FILE]?: FileLedger;
  readonly [INSTRUCTIONS_FILE]?: IdentityLedger;
  readonly [SKILLS]?: SkillLedger;
}

type Step = {
  readonly write: string | null | undefined;
  readonly ledger: unknown;
  readonly notes: readonly RenderNote[];
};

/** Renders servers, identity and skills of a runtime by its description (B65, B68). Pure. */
export function renderNative(config: NativeConfig, input: RenderInput): RenderOutcome {
  const old = (input.ledger?.version === 1 ? input.ledger.files : {}) as NativeLedger; // written by this function only
  const servers = renderServers(config, input, old[SERVERS_FILE] ?? EMPTY_LEDGER);
  const identity = renderInstructions(input, old[INSTRUCTIONS_FILE] ?? null);
  const skills = renderSkillLinks(config.skillsFolder(input.layout), input.skills, old[SKILLS] ?? null);
  const paths = {
    [SERVERS_FILE]: config.serversPath(input.layout),
    [INSTRUCTIONS_FILE]: config.instructionsPath(input.layout),
  };
  const steps = { [SERVERS_FILE]: servers, [INSTRUCTIONS_FILE]: identity };
  const ids = [SERVERS_FILE, INSTRUCTIONS_FILE] as const;
  return {
    writes: ids.flatMap((id) => {
      const text = steps[id].write;
      return text === undefined ? [] : [{ id, path: paths[id], text }];
    }),
    links: skills.links,
    ledger: {
      version: 1,
      files: Object.fromEntries(
        [...ids.map((id) => [id, steps[id].ledger] as const), [SKILLS, skills.ledger] as const].filter(
          ([, value]) => value !== null,
        ),
      ),
    },
    report: ids.flatMap((id) => steps[id].notes),
  };
}

/** The entries that stand in the file of servers when everything is as it is wished. */
export function wishedEntries(
  config: NativeConfig,
  input: Pick<RenderInput, 'layout' | 'servers'>,
): readonly DesiredEntry[] {
  const servers = input.servers.map((server) => ({
    path: [...config.serversKey, server.name],
    value: config.toNative(server),
  }));
  // Without a server of ours there is nothing for our settings to serve.
  return servers.length === 0 ? [] : [...servers, ...(config.settings?.(input.layout) ?? [])];
}

function renderServers(config: NativeConfig, input: RenderInput, ledger: FileLedger): Step {
  const policy = input.layout.owner === 'box' ? BOX_POLICY : PERSON_POLICY;
  const desired = wishedEntries(config, input);
  const text = textOf(input.files, SERVERS_FILE);
  const note = (server: string | null, action: RenderNote['action'], detail: string): RenderNote => ({
    server,
    file: SERVERS_FILE,
    action,
    detail,
  });
  const done = reconcile(config.format, text, desired, ledger, policy);
  if (done.ok) {
    const notes = done.value.actions.map(({ path, action }) => {
      const isServer = config.serversKey.every((key, index) => path[index] === key);
      return note(isServer ? (path.at(-1) ?? null) : null, NOTE_OF_ACTION[action], `${action}: ${path.join(' > ')}`);
    });
    return {
      write: done.value.text === text ? undefined : (done.value.text ?? null),
      ledger: done.value.ledger,
      notes,
    };
  }
  return corrupt(config, desired, policy, ledger, done.error.message, note);
}

/** A file that cannot be edited: in a box it is rebuilt (its writer sets the old one aside), elsewhere it is left alone (B55). */
function corrupt(
  config: NativeConfig,
  desired: Parameters<typeof reconcile>[2],
  policy: ReconcilePolicy,
  ledger: FileLedger,
  why: string,
  note: (server: string | null, action: RenderNote['action'], detail: string) => RenderNote,
): Step {
  if (policy.corrupt === 'refuse') return { write: undefined, ledger, notes: [note(null, 'refused_corrupt', why)] };
  const rebuilt = reconcile(config.format, undefined, desired, EMPTY_LEDGER, policy);
  if (!rebuilt.ok) return { write: undefined, ledger, notes: [note(null, 'refused_corrupt', rebuilt.error.message)] };
  return {
    write: rebuilt.value.text ?? null,
    ledger: rebuilt.value.ledger,
    notes: [note(null, 'rebuilt_corrupt', why)],
  };
}

function renderInstructions(input: RenderInput, ledger: IdentityLedger | null): Step {
  if (input.identity === null) return { write: undefined, ledger, notes: [] };
  const text = textOf(input.files, INSTRUCTIONS_FILE);
  const rendered = renderIdentity(text, input.identity, ledger);
  const notes: RenderNote[] = [
    { server: null, file: INSTRUCTIONS_FILE, action: rendered.action, detail: `identity ${rendered.action}` },
  ];
  return { write: rendered.text === text ? undefined : (rendered.text ?? null), ledger: rendered.ledger, notes };
}

function textOf(files: readonly NativeFile[], id: string): string | undefined {
  return files.find((file) => file.id === id)?.text ?? undefined;
}

const NOTE_OF_ACTION: Readonly<Record<Action, RenderNote['action']>> = {
  added: 'added',
  updated: 'replaced',
  repaired: 'replaced',
  replaced: 'replaced',
  removed: 'removed',
  released: 'kept_theirs',
  lapsed: 'removed',
  unchanged: 'unchanged',
  adopted: 'unchanged',
  left: 'unchanged',
  kept_edited: 'kept_theirs',
  kept_foreign: 'kept_theirs',
};
