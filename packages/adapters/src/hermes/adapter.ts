import { RuntimeId } from '@molecule/contracts';
import { acpDialect } from '../agent-client-protocol/dialect.ts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { processSession } from '../turn-process/process-session.ts';
import { runtimeCommand } from '../turn-process/runtime-command.ts';
import { childEnvironment, environment } from './environment.ts';
import { native } from './native.ts';
import { profile } from './profile.ts';

/** Names a binary that is not on the search path, or another one than that. */
const PATH_VARIABLE = 'MOLECULE_HERMES_PATH';

/** Hermes Agent, driven by its Agent Client Protocol mode. Built to its documented formats; the real program was not run. */
export const hermes: RuntimeAdapter = {
  id: RuntimeId.parse('hermes'),
  title: 'Hermes Agent',
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
    trustSwitch: 'none is needed; HERMES_YOLO_MODE=1 lets its own commands run unasked',
    tested: 'format',
    testedVersion: null,
  },
  hostVariables: [PATH_VARIABLE],
  detect: (env) =>
    detectBinary(
      {
        name: 'hermes',
        override: PATH_VARIABLE,
        // First release whose protocol mode others have built upon.
        minimumVersion: '0.20.0',
        versionArgs: ['--version'],
        // Its logins lie in a file that it writes anew itself; a box reaches its model through the gateway.
        findLogin: null,
      },
      env,
    ),
  ...nativeFilesOf(native),
  childEnvironment,
  environment,
  // Its commands about servers talk to a person and have no output that could be relied on.
  inspect: async () => null,
  openSession: (context) =>
    processSession(
      context,
      acpDialect(profile, (each) => runtimeCommand(each, ['acp'])),
    ),
};
