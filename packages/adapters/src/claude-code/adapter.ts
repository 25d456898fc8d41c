import { RuntimeId } from '@molecule/contracts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { inheritingChild } from '../native-config/inheriting-child.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { processSession } from '../turn-process/process-session.ts';
import { detectClaude, HOST_VARIABLES } from './detection.ts';
import { claudeDialect } from './dialect.ts';
import { claudeEnvironment } from './environment.ts';
import { inspectClaude } from './inspection.ts';
import { native } from './native.ts';

/** Anthropic's Claude Code CLI, driven by its streaming JSON mode. */
export const claudeCode: RuntimeAdapter = {
  id: RuntimeId.parse('claude-code'),
  title: 'Claude Code',
  capabilities: {
    streaming: true,
    resume: true,
    cancel: true,
    warm: true,
    reload: 'next_turn',
    envReference: '${VAR}',
    requiredServers: false,
    httpServers: true,
    protocols: ['anthropic'],
    trustSwitch: 'its servers load unasked; --allowedTools mcp__NAME__* lets their tools run',
    tested: 'run',
    testedVersion: '2.1.329',
  },
  hostVariables: HOST_VARIABLES,
  detect: detectClaude,
  ...nativeFilesOf(native),
  childEnvironment: inheritingChild(),
  environment: claudeEnvironment,
  inspect: inspectClaude,
  openSession: (context) => processSession(context, claudeDialect(context.now)),
};
