import { rpcRequest } from '../json-rpc/json-rpc-lines.ts';
import { placeLoginLink } from '../turn-process/login-link.ts';
import type { TurnDialect } from '../turn-process/turn-dialect.ts';
import { appServerCommand } from './command-line.ts';
import { codexExitFailure } from './failure.ts';
import { codexHome } from './native.ts';
import { codexTurn } from './turn-reader.ts';

export const dialect: TurnDialect = {
  prepare: (context) => placeLoginLink(context, `${codexHome(context.layout)}/auth.json`),
  plan: (context) => appServerCommand(context),
  boundToSession: true,
  turn: codexTurn,
  // The answer to this request is read by nobody: the next turn sees the new servers.
  reloadText: rpcRequest('reload', 'config/mcpServer/reload', {}),
  warmText: null,
  classifyExit: codexExitFailure,
};
