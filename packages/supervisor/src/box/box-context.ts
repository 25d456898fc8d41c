import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxLayout } from '@molecule/adapters';
import type { DesiredState } from '@molecule/contracts';
import { waitAtMost } from '../client/bounded-wait.ts';
import { replaceFile } from '../files/durable-file.ts';
import type { ManagementSocket } from '../management/management-socket.ts';
import type { BootJournal } from './boot-journal.ts';
import type { BoxCredentials, BoxOrder, BoxServices } from './box-services.ts';
import type { SharedWalls } from './shared-walls.ts';

/** One boot of one box: who it is, and what its rooms work with. */
export interface BoxContext {
  readonly services: BoxServices;
  readonly order: BoxOrder;
  readonly layout: BoxLayout;
  readonly credentials: BoxCredentials;
  readonly journal: BootJournal;
  readonly walls: SharedWalls;
  /** The concierge's way to the management MCP; null in every other box. */
  readonly management: ManagementSocket | null;
}

/** How long the end of a box waits for its last events to be taken in. */
const LAST_EVENTS_MS = 2_000;

/** Takes down what a box holds besides its processes. */
export async function closeContext({ management, journal }: BoxContext): Promise<void> {
  await management?.close();
  await waitAtMost(journal.flush(), LAST_EVENTS_MS);
  journal.close();
}

/** What was applied last, in full. It lies on the disk and is read when something is to be done, so that a box which only waits does not hold it. */
export interface AppliedState {
  readonly desired: DesiredState;
  /** Plugin → folder of its files. */
  readonly folders: Readonly<Record<string, string>>;
  readonly skills: readonly { readonly name: string; readonly path: string }[];
}

export function storeApplied(layout: BoxLayout, state: AppliedState): void {
  replaceFile(join(layout.run, 'applied.json'), JSON.stringify(state));
}

/** @throws Error when nothing was applied yet. */
export function loadApplied(layout: BoxLayout): AppliedState {
  // Written by storeApplied alone, in a folder that the agent cannot see.
  return JSON.parse(readFileSync(join(layout.run, 'applied.json'), 'utf8')) as AppliedState;
}

/** Persona and instructions of plugins as one text, or null where there is neither. */
export function identityText({ desired }: AppliedState): string | null {
  const text = [desired.identity.text, ...desired.instructions.map((instruction) => instruction.text)]
    .filter((part) => part !== '')
    .join('\n\n');
  return text === '' ? null : text;
}
