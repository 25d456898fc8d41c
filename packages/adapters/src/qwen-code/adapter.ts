import { RuntimeId } from '@molecule/contracts';
import { acpDialect } from '../agent-client-protocol/dialect.ts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { loginFile } from '../detection/login-file.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { placeLoginLink } from '../turn-process/login-link.ts';
import { processSession } from '../turn-process/process-session.ts';
import { acpCommand, inspectQwen } from './command-line.ts';
import { childEnvironment, environment } from './environment.ts';
import { native } from './native.ts';
import { profile } from './profile.ts';

/** Names a binary that is not on the search path, or another one than that. */
const PATH_VARIABLE = 'MOLECULE_QWEN_CODE_PATH';

/** Qwen Code, driven by its Agent Client Protocol mode. */
export const qwenCode: RuntimeAdapter = {
  id: RuntimeId.parse('qwen-code'),
  title: 'Qwen Code',
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
    trustSwitch: '"trust": true on each server',
    tested: 'run',
    testedVersion: '0.24.4',
  },
  hostVariables: [PATH_VARIABLE],
  detect: (env) =>
    detectBinary(
      {
        name: 'qwen',
        override: PATH_VARIABLE,
        minimumVersion: '0.20.0',
        versionArgs: ['--version'],
        findLogin: (host) => loginFile(host, '.qwen/oauth_creds.json'),
      },
      env,
    ),
  ...nativeFilesOf(native),
  childEnvironment,
  environment,
  inspect: inspectQwen,
  openSession: (context) =>
    processSession(
      context,
      acpDialect(profile, acpCommand, (context) =>
        placeLoginLink(context, `${context.layout.home}/.qwen/oauth_creds.json`),
      ),
    ),
};
