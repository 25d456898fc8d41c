import { BoxSecrets, MoleculeError, pageOf, SecretInfo, SetSecret, StoredSecret } from '@molecule/contracts';
import type { Executor, SecretKey } from '@molecule/store';
import { z } from 'zod';
import { ownWorkspace, principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import { lockBox } from '../registry/lock-box.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import type { SecretDesk } from './secret-desk.ts';
import type { SecretsService } from './secrets-service.ts';

const Named = z.object({ name: z.string().min(1).max(128) });
const OfWorkspace = z.object({ id: z.string().min(1).max(200) });
const Grants = z.object({ workspaces: z.array(z.string().min(1).max(200)).max(500) }).strict();

export interface SecretsDeps {
  readonly secrets: SecretsService;
  readonly desk: SecretDesk;
  readonly workspaces: WorkspacesService;
}

/** `/api/v1/secrets` and `/api/v1/workspaces/:id/secrets`. Write-only: no route gives a value, but the box's own for what it was granted. */
export function secretsFeature(app: App, services: Services, deps: SecretsDeps): void {
  const { secrets, desk, workspaces } = deps;
  const idOf = async (principal: Principal, ref: string): Promise<string> =>
    (await workspaces.find(services.db, principal.orgId, ref)).id;
  const inOne = <T>(work: (trx: Executor) => Promise<T>): Promise<T> => services.db.transaction().execute(work);

  app.route({
    method: 'GET',
    url: '/api/v1/secrets',
    config: { access: { scope: 'secrets:read' } },
    schema: { response: { 200: pageOf(SecretInfo) } },
    handler: async (request) => ({
      items: [...(await secrets.list(services.db, principalOf(request).orgId, null))],
      nextCursor: null,
    }),
  });
  app.route({
    method: 'POST',
    url: '/api/v1/secrets',
    config: { access: { scope: 'secrets:write' } },
    schema: { body: SetSecret, response: { 200: StoredSecret } },
    handler: async (request) => {
      const principal = principalOf(request);
      const grants =
        request.body.grants === undefined
          ? undefined
          : await Promise.all(request.body.grants.map((ref) => idOf(principal, ref)));
      return desk.set(keyOf(principal, null, request.body.name), request.body, principal, grants);
    },
  });
  app.route({
    method: 'PUT',
    url: '/api/v1/secrets/:name/grants',
    config: { access: { scope: 'secrets:write' } },
    schema: { params: Named, body: Grants, response: { 200: SecretInfo } },
    handler: async (request) => {
      const principal = principalOf(request);
      const grants = await Promise.all(request.body.workspaces.map((ref) => idOf(principal, ref)));
      const row = await inOne((trx) =>
        secrets.grant(trx, keyOf(principal, null, request.params.name), grants, principal),
      );
      return secrets.info(services.db, row, grants);
    },
  });
  app.route({
    method: 'DELETE',
    url: '/api/v1/secrets/:name',
    config: { access: { scope: 'secrets:write' } },
    schema: { params: Named, response: { 204: z.undefined() } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      await inOne((trx) => secrets.remove(trx, keyOf(principal, null, request.params.name), principal));
      return reply.code(204).send();
    },
  });
  app.route({
    method: 'POST',
    url: '/api/v1/secrets/rotate',
    config: { access: { scope: 'org:write' } },
    schema: { response: { 200: z.object({ keyId: z.string(), rewrapped: z.int() }) } },
    handler: (request) => secrets.rotate(services.db, principalOf(request)),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/secrets',
    config: { access: { scope: 'secrets:read' } },
    schema: { params: OfWorkspace, response: { 200: pageOf(SecretInfo) } },
    handler: async (request) => {
      const principal = principalOf(request);
      return {
        items: [...(await secrets.list(services.db, principal.orgId, await idOf(principal, request.params.id)))],
        nextCursor: null,
      };
    },
  });
  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/secrets',
    config: { access: { scope: 'secrets:write' } },
    schema: { params: OfWorkspace, body: SetSecret, response: { 200: StoredSecret } },
    handler: async (request) => {
      const principal = principalOf(request);
      if (request.body.grants !== undefined)
        throw new MoleculeError('invalid_request', { params: { detail: "a workspace's own secret needs no grants" } });
      return desk.set(
        keyOf(principal, await idOf(principal, request.params.id), request.body.name),
        request.body,
        principal,
      );
    },
  });
  app.route({
    method: 'DELETE',
    url: '/api/v1/workspaces/:id/secrets/:name',
    config: { access: { scope: 'secrets:write' } },
    schema: { params: OfWorkspace.extend(Named.shape), response: { 204: z.undefined() } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const key = keyOf(principal, await idOf(principal, request.params.id), request.params.name);
      await inOne((trx) => secrets.remove(trx, key, principal));
      return reply.code(204).send();
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/registry/secrets',
    config: { access: { scope: 'box:run' } },
    schema: { response: { 200: BoxSecrets } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { bootId } = ownWorkspace(principal);
      void reply.header('cache-control', 'no-store');
      return inOne(async (trx) => {
        const row = await lockBox(trx, principal, bootId);
        return { secrets: await secrets.deliver(trx, row.org_id, row.id) };
      });
    },
  });
}

function keyOf(principal: Principal, workspaceId: string | null, name: string): SecretKey {
  return { orgId: principal.orgId, workspaceId, name };
}
