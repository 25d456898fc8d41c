export interface ControlPlaneConfig {
  /** Id of this replica, new at each start. */
  readonly replicaId: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly version: string;
  /** Folder of artifacts, logs and keys of this installation. */
  readonly dataDir: string;
  /** Folder with the first-party plugins, one below it each. */
  readonly pluginsDir: string;
  readonly templatesDir: string;
  /** Folder with the built canvas, null when there is none. */
  readonly canvasDir: string | null;
  readonly bodyLimitBytes: number;
  /** Host names besides loopback ones under which the server may be addressed (guard against DNS rebinding). */
  readonly allowedHosts: readonly string[];
}

export const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
