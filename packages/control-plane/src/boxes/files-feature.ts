import {
  FileContent,
  FileEntry,
  FilePath,
  LARGEST_CALL_BYTES,
  LARGEST_FILE_BYTES,
  MakeFolder,
  MoleculeError,
  pageOf,
  RenameFile,
  WriteFile,
  WrittenFile,
} from '@molecule/contracts';
import type { WorkspaceRow } from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import type { BoxCalls } from './box-calls.ts';
import { changeFiles } from './file-change.ts';

const Params = z.object({ id: z.string().min(1).max(200) });
const READ = { access: { scope: 'files:read' } } as const;
const WRITE = { access: { scope: 'files:write' }, refusal: 'file.refused' } as const;
const OfPath = z.object({ path: FilePath });

export interface BoxDeps {
  readonly calls: BoxCalls;
  readonly workspaces: WorkspacesService;
}

/** `/api/v1/workspaces/:id/files…`: the folder in which the agent works, as its running box has it. */
export function filesFeature(app: App, services: Services, { calls, workspaces }: BoxDeps): void {
  const find = (principal: Principal, ref: string): Promise<WorkspaceRow> =>
    workspaces.find(services.db, principal.orgId, ref);

  const deps = { calls, workspaces };

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/files',
    config: READ,
    schema: {
      params: Params,
      querystring: z.object({
        path: FilePath.default(''),
        limit: z.coerce.number().int().min(1).max(1000).default(500),
        cursor: z.string().max(1000).optional(),
      }),
      response: { 200: pageOf(FileEntry) },
    },
    handler: async (request) => {
      const { path, limit, cursor } = request.query;
      const row = await find(principalOf(request), request.params.id);
      const { items, next } = await calls.ask(row, { type: 'files.list', path, limit, after: cursor ?? null });
      return { items, nextCursor: next };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/files/content',
    config: READ,
    schema: { params: Params, querystring: OfPath, response: { 200: FileContent } },
    handler: async (request) =>
      calls.ask(await find(principalOf(request), request.params.id), { type: 'files.read', path: request.query.path }),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/files/download',
    config: READ,
    schema: { params: Params, querystring: OfPath, response: { 200: z.any().describe('The bytes of the file') } },
    handler: async (request, reply) => {
      const { path } = request.query;
      const row = await find(principalOf(request), request.params.id);
      const file = await calls.ask(row, { type: 'files.read', path });
      // Whatever it holds, a browser keeps it as a file: it is never shown or run under our address.
      void reply.headers({
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${rfc5987(path.split('/').at(-1) ?? '')}`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'no-store',
      });
      return reply.serializer((bytes) => bytes).send(Buffer.from(file.content, file.encoding));
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/workspaces/:id/files/content',
    config: WRITE,
    bodyLimit: LARGEST_CALL_BYTES,
    schema: { params: Params, body: WriteFile, response: { 200: WrittenFile } },
    handler: async (request) => {
      const { path, encoding, expected } = request.body;
      const content = Buffer.from(request.body.content, encoding);
      return changeFiles(services, deps, principalOf(request), request.params.id, {
        action: 'file.write',
        data: { path, bytes: content.length },
        event: { how: 'written', path },
        ask: () => {
          if (content.length > LARGEST_FILE_BYTES)
            throw new MoleculeError('file_too_large', { params: { path, limitBytes: LARGEST_FILE_BYTES } });
          return {
            type: 'files.write',
            path,
            content: content.toString('base64'),
            ...(expected === undefined ? {} : { expected }),
          };
        },
      });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/files/folder',
    config: WRITE,
    schema: { params: Params, body: MakeFolder, response: { 200: z.object({}) } },
    handler: (request) => {
      const { path } = request.body;
      return changeFiles(services, deps, principalOf(request), request.params.id, {
        action: 'file.folder',
        data: { path },
        event: { how: 'written', path },
        ask: () => ({ type: 'files.folder', path }),
      });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/files/rename',
    config: WRITE,
    schema: { params: Params, body: RenameFile, response: { 200: z.object({}) } },
    handler: (request) => {
      const { from, to } = request.body;
      return changeFiles(services, deps, principalOf(request), request.params.id, {
        action: 'file.rename',
        data: { from, to },
        event: { how: 'renamed', path: to },
        ask: () => ({ type: 'files.rename', from, to }),
      });
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/workspaces/:id/files',
    config: WRITE,
    schema: { params: Params, querystring: OfPath, response: { 200: z.object({}) } },
    handler: (request) => {
      const { path } = request.query;
      return changeFiles(services, deps, principalOf(request), request.params.id, {
        action: 'file.remove',
        data: { path },
        event: { how: 'removed', path },
        ask: () => {
          if (path === '')
            throw new MoleculeError('file_refused', {
              params: { path: '/', detail: 'it is the folder of the workspace' },
            });
          return { type: 'files.remove', path };
        },
      });
    },
  });
}

/** A file name as header value (RFC 5987); `encodeURIComponent` leaves some characters that it does not allow. */
function rfc5987(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
