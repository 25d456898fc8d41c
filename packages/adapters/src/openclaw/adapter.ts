import { RuntimeId } from '@molecule/contracts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { inspectOpenClaw } from './command-line.ts';
import { childEnvironment, environment } from './environment.ts';
import { native } from './native.ts';
import { openClawSession } from './session.ts';

/** Names a binary that is not on the search path, or another one than that. */
const PATH_VARIABLE = 'MOLECULE_OPENCLAW_PATH';

/** OpenClaw, one run of its embedded agent for each turn. Built to its documented formats; the real program was not run. */
export const openClaw: RuntimeAdapter = {
  id: RuntimeId.parse('openclaw'),
  title: 'OpenClaw',
  capabilities: {
    streaming: false,
    resume: true,
    cancel: true,
    warm: false,
    reload: 'next_turn',
    envReference: '${VAR}',
    requiredServers: false,
    httpServers: true,
    protocols: ['openaiChat'],
    trustSwitch: 'none is needed for the servers of its configuration',
    tested: 'format',
    testedVersion: null,
  },
  hostVariables: [PATH_VARIABLE],
  detect: (env) =>
    detectBinary(
      {
        name: 'openclaw',
        override: PATH_VARIABLE,
        // Its versions are dates; messages from a file came in this year.
        minimumVersion: '2026.1.0',
        versionArgs: ['--version'],
        // Its logins lie in files that it writes anew itself; a box reaches its model through the gateway.
        findLogin: null,
      },
      env,
    ),
  ...nativeFilesOf(native),
  childEnvironment,
  environment,
  inspect: inspectOpenClaw,
  openSession: openClawSession,
};
