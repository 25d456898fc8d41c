import type { DesiredServer, ModelAccess, PlatformMcpDiag, RuntimeId, ServerDescriptor } from '@molecule/contracts';
import type { BoxLayout } from './box-layout.ts';
import type { RuntimeCapabilities } from './capabilities.ts';
import type { NativeFile, RenderInput, RenderOutcome } from './rendering.ts';
import type { AgentSession, SessionContext } from './session.ts';

/** What was found of a runtime on this machine. */
export interface Detection {
  readonly available: boolean;
  /** Absolute path of the binary or script to execute, null when it is not there. */
  readonly path: string | null;
  readonly version: string | null;
  /** Why it cannot be used: missing, too old, broken. Null when available. */
  readonly problem: string | null;
  /** The person's own login of this CLI exists on this machine, so that direct model access is possible. */
  readonly hasLogin: boolean;
  /** Paths outside the box that the runtime must be able to read when it runs in a sandbox. */
  readonly readPaths: readonly string[];
  /** File of that login, so that a box with direct access can refer to it; absent or null = there is none. Its content is never copied. */
  readonly loginPath?: string | null;
}

/** What the real CLI says it loaded: the `parsed` rung. */
export interface Inspection {
  readonly ok: boolean;
  /** Server name → how the CLI sees it; `connected` null = the CLI's listing does not connect. */
  readonly servers: Readonly<
    Record<string, { connected: boolean | null; tools: readonly string[] | null; problem: string | null }>
  >;
  readonly problem: string | null;
}

/**
 * Everything that is known about one runtime, in one object (B65 to B69, I8): where its files are, how they are written and
 * read, what environment its children get, how a turn runs. The engine calls only this and names no runtime.
 */
export interface RuntimeAdapter {
  readonly id: RuntimeId;
  readonly title: string;
  readonly capabilities: RuntimeCapabilities;

  /**
   * Variables of the machine that `detect` and `environment` look at besides the ordinary ones (`PATH`, `HOME` and the like). A box host is started
   * with those alone, so that no key of a provider lies in its environment.
   */
  readonly hostVariables: readonly string[];

  /** Looks for the runtime; never throws. `env` is the environment of the box host, `PATH` included. */
  detect(env: Readonly<Record<string, string | undefined>>): Promise<Detection>;

  /** Native files that `render` and `read` deal with, for a box or for a person's home. Absolute paths. */
  nativeFiles(layout: BoxLayout): readonly { readonly id: string; readonly path: string }[];

  /** Pure. Old texts + desired servers + ledger → new texts, new ledger, report. Rendering twice changes nothing (B68). */
  render(input: RenderInput): RenderOutcome;

  /** Pure. The servers that this runtime would load from these files, in neutral form (B69). Degenerate input gives none (B77). */
  read(files: readonly NativeFile[], layout: BoxLayout): Readonly<Record<string, ServerDescriptor>>;

  /** Pure. The identity text as it stands where the runtime reads it, exactly as `render` got it; null = it is not there. */
  readIdentity(files: readonly NativeFile[], layout: BoxLayout): string | null;

  /** What an MCP child of this runtime really receives, given the runtime's own environment (B41, T39). */
  childEnvironment(
    parent: Readonly<Record<string, string>>,
    server: ServerDescriptor,
  ): Readonly<Record<string, string>>;

  /** Environment that the runtime's process needs: homes, trust and update switches, model access. No value is a secret except those passed in `secrets`. */
  environment(input: EnvironmentInput): Readonly<Record<string, string>>;

  /** Asks the real CLI what it loaded, if it can tell without a model call; null when it cannot. */
  inspect(context: SessionContext): Promise<Inspection | null>;

  /** Opens a session in which turns run. Nothing is started before the first turn unless `context.prewarm` is set. */
  openSession(context: SessionContext): AgentSession;

  /** Diagnosis of the management entry for the heartbeat (B88); must not throw. */
  diagnose(input: {
    files: readonly NativeFile[];
    layout: BoxLayout;
    servers: readonly DesiredServer[];
    isConcierge: boolean;
    launcherPath: string | null;
  }): PlatformMcpDiag;
}

export interface EnvironmentInput {
  readonly layout: BoxLayout;
  readonly model: ModelAccess;
  /** Control plane address as seen from inside the box, no trailing slash. */
  readonly apiUrl: string;
  /** The box's token: it is also the key for the model gateway. */
  readonly apiKey: string;
  /** Variables that every process of the box gets (names in ENV of contracts, secrets of the workspace). */
  readonly base: Readonly<Record<string, string>>;
  /** Environment of the box host, to find a person's login for direct access. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
}
