import { RuntimeId } from '@molecule/contracts';
import { acpDialect } from '../agent-client-protocol/dialect.ts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { loginFile } from '../detection/login-file.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { placeLoginLink } from '../turn-process/login-link.ts';
import { processSession } from '../turn-process/process-session.ts';
import { acpCommand, inspectGemini } from './command-line.ts';
import { childEnvironment, environment } from './environment.ts';
import { native } from './native.ts';
import { profile } from './profile.ts';
import { keepSessionRecord } from './session-record.ts';

/** Names a binary that is not on the search path, or another one than that. */
const PATH_VARIABLE = 'MOLECULE_GEMINI_CLI_PATH';

/** Gemini CLI, driven by its Agent Client Protocol mode. */
export const geminiCli: RuntimeAdapter = {
  id: RuntimeId.parse('gemini-cli'),
  title: 'Gemini CLI',
  capabilities: {
    streaming: true,
    resume: true,
    cancel: true,
    warm: true,
    reload: 'next_turn',
    envReference: '${VAR}',
    requiredServers: false,
    httpServers: true,
    protocols: ['google'],
    trustSwitch: '"trust": true on each server, and a trusted folder',
    tested: 'run',
    testedVersion: '0.61.0',
  },
  hostVariables: [PATH_VARIABLE],
  detect: (env) =>
    detectBinary(
      {
        name: 'gemini',
        override: PATH_VARIABLE,
        minimumVersion: '0.55.0',
        versionArgs: ['--version'],
        findLogin: (host) => loginFile(host, '.gemini/oauth_creds.json'),
      },
      env,
    ),
  ...nativeFilesOf(native),
  childEnvironment,
  environment,
  inspect: inspectGemini,
  openSession: (context) =>
    processSession(
      context,
      acpDialect(profile, acpCommand, async (context, resume) => {
        const { home } = context.layout;
        await placeLoginLink(context, `${home}/.gemini/oauth_creds.json`);
        if (resume !== null) await keepSessionRecord(home, resume);
      }),
    ),
};
