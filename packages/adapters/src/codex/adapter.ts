import { RuntimeId } from '@molecule/contracts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { processSession } from '../turn-process/process-session.ts';
import { codexChildEnvironment } from './child-environment.ts';
import { detectCodex, HOST_VARIABLES } from './detection.ts';
import { dialect } from './dialect.ts';
import { codexEnvironment } from './environment.ts';
import { inspectCodex } from './inspection.ts';
import { native } from './native.ts';

/** OpenAI's Codex CLI, driven by its app server. */
export const codex: RuntimeAdapter = {
  id: RuntimeId.parse('codex'),
  title: 'Codex',
  capabilities: {
    streaming: true,
    resume: true,
    cancel: true,
    warm: true,
    reload: 'next_turn',
    envReference: 'env_vars',
    requiredServers: true,
    httpServers: true,
    protocols: ['openaiResponses'],
    trustSwitch: 'default_tools_approval_mode = "approve" on each server',
    tested: 'run',
    testedVersion: '0.169.0',
  },
  hostVariables: HOST_VARIABLES,
  detect: detectCodex,
  ...nativeFilesOf(native),
  childEnvironment: codexChildEnvironment,
  environment: codexEnvironment,
  inspect: inspectCodex,
  openSession: (context) => processSession(context, dialect),
};
