import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BoxLayout, type Detection, localizeServer, type RuntimeAdapter } from '@molecule/adapters';
import { type DesiredServer, ENV, MANAGEMENT_SERVER_NAME } from '@molecule/contracts';
import type { BoxWalls } from '../host/box-backend.ts';
import type { AppliedState, BoxContext } from './box-context.ts';
import { boxEnvironment } from './box-environment.ts';
import { pluginDataFolder } from './plugin-setup.ts';

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];

/** Everything that a process of the box is started with. */
export interface RuntimeSetup {
  readonly adapter: RuntimeAdapter;
  readonly detection: Detection;
  /** Complete environment of the runtime's process. */
  readonly env: Readonly<Record<string, string>>;
  readonly walls: BoxWalls;
  readonly servers: readonly DesiredServer[];
  /** Path of the launcher on the box's search path; null = not there. */
  readonly launcher: (name: string) => string | null;
}

/** Computes environment and walls from what was applied; nothing is started or written. */
export function setUpRuntime(
  context: Pick<BoxContext, 'services' | 'order' | 'layout' | 'credentials' | 'management'>,
  state: AppliedState,
  adapter: RuntimeAdapter,
  detection: Detection,
): RuntimeSetup {
  const { services, order, layout, credentials, management } = context;
  const { desired, folders } = state;
  const apiUrl = services.client.address.current() ?? '';
  const nodeFolder = dirname(process.execPath);
  const runtimeFolder = detection.path === null ? [] : [dirname(detection.path)];
  const path = [...new Set([services.binFolder, nodeFolder, ...SYSTEM_PATH, ...runtimeFolder])];
  const base = boxEnvironment({
    layout,
    apiUrl,
    apiKey: credentials.apiKey,
    orgId: credentials.orgId,
    workspaceId: order.workspaceId,
    secrets: credentials.secrets,
    desired,
    path,
  });
  const env = adapter.environment({
    layout,
    model: desired.model,
    apiUrl,
    apiKey: credentials.apiKey,
    base,
    hostEnv: services.hostEnv,
  });
  return {
    adapter,
    detection,
    env,
    walls: {
      writable: [layout.home, layout.work],
      readable: readableOutside(
        [
          ...services.sharedReadPaths,
          ...detection.readPaths,
          ...loginPaths(desired, detection),
          ...Object.values(folders),
          ...(management === null ? [] : [management.folder]),
        ],
        layout,
      ),
      home: layout.home,
      egress: desired.egress,
      apiUrl,
      recordFolder: join(layout.run, 'processes'),
    },
    servers: desired.servers.map((server) =>
      withManagement(withDataFolder(localizeServer(server, folders[server.plugin]), layout), management?.path ?? null),
    ),
    launcher: (name) => path.map((folder) => join(folder, name)).find((place) => existsSync(place)) ?? null,
  };
}

/** `${PLUGIN_DATA}` is the folder that the plugin's setup may write into. */
function withDataFolder(server: DesiredServer, layout: BoxLayout): DesiredServer {
  if (server.descriptor.type === 'http') return server;
  const { descriptor } = server;
  const local = (value: string): string => value.replaceAll('${PLUGIN_DATA}', pluginDataFolder(layout, server.plugin));
  const env = Object.fromEntries(Object.entries(descriptor.env).map(([name, value]) => [name, local(value)]));
  return {
    ...server,
    descriptor: { ...descriptor, command: local(descriptor.command), args: descriptor.args.map(local), env },
  };
}

/** Inside the box the management server is told a socket where elsewhere it is given the credential (B41). No other server is told. */
function withManagement(server: DesiredServer, socket: string | null): DesiredServer {
  const { descriptor, name } = server;
  if (socket === null || descriptor.type === 'http' || name !== MANAGEMENT_SERVER_NAME) return server;
  const { [ENV.orgApiKey]: _token, ...env } = descriptor.env;
  return { ...server, descriptor: { ...descriptor, env: { ...env, [ENV.managementSocket]: socket } } };
}

/** A person's own login may be seen only by a box that is meant to use it. */
function loginPaths(desired: AppliedState['desired'], { loginPath }: Detection): string[] {
  return desired.model.kind === 'direct' && typeof loginPath === 'string' ? [loginPath] : [];
}

/** A path inside the box is writable already, and the backend refuses to have it named twice. */
function readableOutside(paths: readonly string[], layout: BoxLayout): string[] {
  return [...new Set(paths)]
    .filter(
      (path) => path !== '' && !`${path}/`.startsWith(`${layout.home}/`) && !`${path}/`.startsWith(`${layout.work}/`),
    )
    .sort();
}
