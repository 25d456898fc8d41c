import { RuntimeId } from '@molecule/contracts';
import { acpDialect } from '../../../src/agent-client-protocol/dialect.ts';
import type { RuntimeAdapter, SessionContext, SpawnPlan } from '../../../src/contract/index.ts';
import { detectBinary } from '../../../src/detection/detect-binary.ts';
import { diagnoseManagement } from '../../../src/native-config/management-diagnosis.ts';
import { INSTRUCTIONS_FILE, SERVERS_FILE } from '../../../src/native-config/native-config.ts';
import { readNativeIdentity, readNativeServers } from '../../../src/native-config/read-native.ts';
import { renderNative } from '../../../src/native-config/render-native.ts';
import { processSession } from '../../../src/turn-process/process-session.ts';
import { childEnvironment, environment } from './environment.ts';
import { native } from './native.ts';
import { profile } from './profile.ts';

const read: RuntimeAdapter['read'] = (files) => readNativeServers(native, files);

/** Names a binary that is not on the search path, or another one than that. */
const PATH_VARIABLE = 'MOLECULE_NOVA_PATH';

/** Nova, driven by its Agent Client Protocol mode. */
export const nova: RuntimeAdapter = {
  id: RuntimeId.parse('nova'),
  title: 'Nova',
  capabilities: {
    streaming: true,
    resume: true,
    cancel: true,
    warm: true,
    reload: 'next_turn',
    envReference: '${VAR}',
    requiredServers: false,
    httpServers: true,
    protocols: ['openaiChat'],
    trustSwitch: 'autoApprove on the server',
    tested: 'format',
    testedVersion: null,
  },
  hostVariables: [PATH_VARIABLE],
  detect: (env) =>
    detectBinary(
      {
        name: 'nova',
        override: PATH_VARIABLE,
        minimumVersion: '1.0.0',
        versionArgs: ['--version'],
        findLogin: async () => ({ has: false, path: null }),
      },
      env,
    ),
  nativeFiles: (layout) => [
    { id: SERVERS_FILE, path: native.serversPath(layout) },
    { id: INSTRUCTIONS_FILE, path: native.instructionsPath(layout) },
  ],
  render: (input) => renderNative(native, input),
  read,
  readIdentity: readNativeIdentity,
  childEnvironment,
  environment,
  // It has no command that says what it loaded.
  inspect: async () => null,
  openSession: (context) => processSession(context, acpDialect(profile, acpCommand)),
  diagnose: (input) => diagnoseManagement(read, input),
};

function acpCommand({ detection, env, layout }: SessionContext): SpawnPlan {
  if (detection.path === null) throw new Error(detection.problem ?? 'Nova was not found.');
  return { command: detection.path, args: ['acp'], env, cwd: layout.work };
}
