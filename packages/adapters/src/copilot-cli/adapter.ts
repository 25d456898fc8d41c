import { RuntimeId } from '@molecule/contracts';
import { acpDialect } from '../agent-client-protocol/dialect.ts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { processSession } from '../turn-process/process-session.ts';
import { acpCommand, inspectCopilot } from './command-line.ts';
import { childEnvironment, environment } from './environment.ts';
import { native } from './native.ts';
import { profile } from './profile.ts';

/** Names a binary that is not on the search path, or another one than that. */
const PATH_VARIABLE = 'MOLECULE_COPILOT_CLI_PATH';

/** GitHub Copilot CLI, driven by its Agent Client Protocol mode. */
export const copilotCli: RuntimeAdapter = {
  id: RuntimeId.parse('copilot-cli'),
  title: 'GitHub Copilot CLI',
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
    trustSwitch: '--allow-tool NAME for each server',
    tested: 'run',
    testedVersion: '1.0.102',
  },
  hostVariables: [PATH_VARIABLE],
  detect: (env) =>
    detectBinary(
      {
        name: 'copilot',
        override: PATH_VARIABLE,
        minimumVersion: '1.0.0',
        versionArgs: ['--version'],
        // Its login lies in the system's keychain, which a box cannot reach.
        findLogin: null,
      },
      env,
    ),
  ...nativeFilesOf(native),
  childEnvironment,
  environment,
  inspect: inspectCopilot,
  openSession: (context) => processSession(context, acpDialect(profile, acpCommand)),
};
