import { RuntimeId } from '@molecule/contracts';
import { acpDialect } from '../agent-client-protocol/dialect.ts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { loginFile } from '../detection/login-file.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { placeLoginLink } from '../turn-process/login-link.ts';
import { processSession } from '../turn-process/process-session.ts';
import { acpCommand, inspectOpenCode } from './command-line.ts';
import { childEnvironment, environment } from './environment.ts';
import { native } from './native.ts';
import { profile } from './profile.ts';

/** Names a binary that is not on the search path, or another one than that. */
const PATH_VARIABLE = 'MOLECULE_OPENCODE_PATH';

/** OpenCode, driven by its Agent Client Protocol mode. */
export const openCode: RuntimeAdapter = {
  id: RuntimeId.parse('opencode'),
  title: 'OpenCode',
  capabilities: {
    streaming: true,
    resume: true,
    cancel: true,
    warm: true,
    reload: 'next_turn',
    envReference: '{env:VAR}',
    requiredServers: false,
    httpServers: true,
    protocols: ['openaiChat'],
    trustSwitch: 'none is needed',
    tested: 'run',
    testedVersion: '1.18.33',
  },
  hostVariables: [PATH_VARIABLE],
  detect: (env) =>
    detectBinary(
      {
        name: 'opencode',
        override: PATH_VARIABLE,
        minimumVersion: '1.10.0',
        versionArgs: ['--version'],
        findLogin: (host) => loginFile(host, '.local/share/opencode/auth.json'),
      },
      env,
    ),
  ...nativeFilesOf(native),
  childEnvironment,
  environment,
  inspect: inspectOpenCode,
  openSession: (context) =>
    processSession(
      context,
      acpDialect(profile, acpCommand, (context) =>
        placeLoginLink(context, `${context.layout.home}/.local/share/opencode/auth.json`),
      ),
    ),
};
