import { type BoxReply, BoxRequest, isMoleculeError, MoleculeError } from '@molecule/contracts';
import type { BoxContext } from '../box/box-context.ts';
import { terminalsOf } from './box-terminals.ts';
import { WorkFiles } from './work-files.ts';

const BASE = '/api/v1/registry/calls';
const ANYTHING = { parse: (value: unknown) => value };

/**
 * Fetches what a person asks of this box, does it, and answers. Never throws: a request that cannot be fetched was given to somebody else or is no
 * longer waited for, and an answer that cannot be delivered is missed by its asker, who is told so.
 */
export async function answerCall(context: BoxContext, callId: string): Promise<void> {
  const { services, credentials } = context;
  const { client } = services;
  const token = credentials.apiKey;
  try {
    const request = await client.call({
      method: 'POST',
      path: `${BASE}/${callId}/take`,
      token,
      reply: BoxRequest,
      idempotent: false,
    });
    if (request === null) return;
    const body = await replyTo(context, request);
    await client.call({
      method: 'POST',
      path: `${BASE}/${callId}/reply`,
      token,
      body,
      reply: ANYTHING,
      idempotent: true,
    });
  } catch (error) {
    services.log('a question to a box was not answered', {
      workspace: context.order.workspaceId,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

async function replyTo(context: BoxContext, request: BoxRequest): Promise<BoxReply> {
  try {
    return { ok: true, value: (await perform(context, request)) ?? {} };
  } catch (error) {
    const known = isMoleculeError(error)
      ? error
      : new MoleculeError('box_unreachable', {
          params: {
            workspace: context.order.workspaceId,
            detail: error instanceof Error ? error.message : String(error),
          },
        });
    const params = Object.fromEntries(
      Object.entries(known.params).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
    );
    return { ok: false, code: known.code, params };
  }
}

function perform(context: BoxContext, request: BoxRequest): unknown {
  const files = new WorkFiles(context.layout.work);
  const terminals = terminalsOf(context);
  switch (request.type) {
    case 'files.list':
      return files.list(request.path, request.after, request.limit);
    case 'files.read':
      return files.read(request.path);
    case 'files.write':
      return files.write(request.path, Buffer.from(request.content, 'base64'), request.expected);
    case 'files.folder':
      return files.makeFolder(request.path);
    case 'files.rename':
      return files.rename(request.from, request.to);
    case 'files.remove':
      return files.remove(request.path);
    case 'terminal.open':
      return terminals.open(request.id, request.by, request.cols, request.rows);
    case 'terminal.list':
      return { items: terminals.list() };
    case 'terminal.read':
      return terminals.read(request.id, request.from, request.waitMs);
    case 'terminal.write':
      return terminals.write(request.id, request.data);
    case 'terminal.resize':
      return terminals.resize(request.id, request.cols, request.rows);
    case 'terminal.close':
      return terminals.close(request.id);
  }
}
