import type { Detection, RuntimeAdapter } from '@molecule/adapters';
import type { ArtifactCache } from '../artifacts/artifact-cache.ts';
import type { TerminalProgram } from '../calls/terminal-program.ts';
import type { ControlPlaneClient } from '../client/control-plane-client.ts';
import type { BoxBackend } from '../host/box-backend.ts';
import type { Slots } from '../host/slots.ts';
import type { TimerWheel } from '../host/timer-wheel.ts';
import type { SessionPool } from '../turns/session-pool.ts';

export type LogLine = (message: string, detail?: Readonly<Record<string, unknown>>) => void;

/** What all boxes of one process share. There is no other state outside of a box. */
export interface BoxServices {
  readonly client: ControlPlaneClient;
  readonly adapters: ReadonlyMap<string, RuntimeAdapter>;
  /** Looks for a runtime once per host life, or again after `forget`. */
  readonly detect: (adapter: RuntimeAdapter) => Promise<Detection>;
  readonly backend: BoxBackend;
  readonly artifacts: ArtifactCache;
  readonly wheel: TimerWheel;
  readonly bootSlots: Slots;
  readonly sessions: SessionPool;
  /** Environment of the box host: read only to find a person's login for direct model access. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  /** Folder of the box host. */
  readonly dataFolder: string;
  /** Folder that comes first on the search path of every box; holds the launcher. */
  readonly binFolder: string;
  /** Real paths outside the boxes that every box may read: the launcher, Node. */
  readonly sharedReadPaths: readonly string[];
  /** Holds the shells that people open in a box; null where the machine has no module for it. */
  readonly terminalProgram: TerminalProgram | null;
  readonly log: LogLine;
  readonly now: () => number;
}

export interface BoxOrder {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly enrolmentToken: string;
  readonly runtime: string;
}

/** What the enrolment gave this boot. Kept in memory alone. */
export interface BoxCredentials {
  readonly orgId: string;
  readonly apiKey: string;
  readonly orgApiKey: string | null;
  /** Renewed when the desired state changes; the next session starts with them. */
  secrets: Readonly<Record<string, string>>;
}
