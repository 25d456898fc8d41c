import { AGENT_VERSION, serverEnvironment } from '@molecule/agent';
import { RuntimeId } from '@molecule/contracts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { nativeFilesOf } from '../native-config/native-files.ts';
import { expandedOrLiteral, mapValues, plainReferences } from '../native-config/references.ts';
import { processSession } from '../turn-process/process-session.ts';
import { detectAgent } from './detection.ts';
import { dialect } from './dialect.ts';
import { agentEnvironment } from './environment.ts';
import { inspectAgent } from './inspection.ts';
import { native } from './native.ts';

/** Molecule's own agent, so that a machine without any agent CLI has one too. */
export const moleculeAgent: RuntimeAdapter = {
  id: RuntimeId.parse('molecule-agent'),
  title: 'Molecule agent',
  capabilities: {
    streaming: true,
    resume: true,
    cancel: true,
    warm: true,
    reload: 'live',
    envReference: '${VAR}',
    requiredServers: true,
    httpServers: true,
    protocols: ['anthropic', 'openaiChat'],
    trustSwitch: 'none is needed',
    tested: 'run',
    testedVersion: AGENT_VERSION,
  },
  hostVariables: [],
  detect: detectAgent,
  ...nativeFilesOf(native),
  childEnvironment: (parent, server) =>
    server.type === 'http'
      ? {}
      : serverEnvironment(
          parent,
          mapValues(server.env, (value) => expandedOrLiteral(plainReferences(value), parent)),
        ),
  environment: agentEnvironment,
  inspect: inspectAgent,
  openSession: (context) => processSession(context, dialect),
};
