import type { BoxProcess, SpawnPlan } from '@molecule/adapters';
import type { Isolation, MeasuredIsolation } from '@molecule/contracts';

/** What a box may touch, in the words of the supervisor; the backend makes its own policy of it. */
export interface BoxWalls {
  readonly writable: readonly string[];
  readonly readable: readonly string[];
  readonly home: string;
  /** `host:port` that the box may reach besides the control plane. */
  readonly egress: readonly string[];
  /** Address of the control plane, which is always reachable. */
  readonly apiUrl: string;
  /** Folder of the box host, out of the agent's sight, for records of running processes. */
  readonly recordFolder: string;
}

/** A box whose walls stand. */
export interface OpenBox {
  /** What is known to be in force: measured if it was measured before, else by which means the walls are made. */
  readonly isolation: Isolation;
  /** Starts a process inside, in a group of its own. @throws Error of the system where it cannot be started. */
  spawn(plan: SpawnPlan): Promise<BoxProcess>;
  /** Ends every process that is left and takes the walls down. */
  close(graceMs: number): Promise<void>;
}

/** Where boxes run on this machine. */
export interface BoxBackend {
  /** Isolation that this machine can give, for the connection of the host. */
  describe(): Promise<Readonly<Record<string, unknown>>>;
  open(walls: BoxWalls): Promise<OpenBox>;
  /** Isolation that boxes with such walls really have, found by trying to break out; once for each kind of walls, some 200 ms. */
  measure(walls: BoxWalls): Promise<MeasuredIsolation>;
  /** Ends what a killed host left running under these records. @returns number of processes. */
  endLeftovers(recordFolder: string): Promise<number>;
}
