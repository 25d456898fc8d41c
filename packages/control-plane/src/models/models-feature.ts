import { CheckModel, ModelCheck, ModelChoice, ModelInfo, MoleculeError, pageOf, SetModel } from '@molecule/contracts';
import { appendAudit, appendEvents, type WorkspaceRow } from '@molecule/store';
import { z } from 'zod';
import { addressProblem } from '../gateway/upstream-agents.ts';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import type { ModelDesk } from './model-desk.ts';
import type { Registries } from './registries.ts';

const OfWorkspace = z.object({ id: z.string().min(1).max(200) });
/** Checked by the registry's own schema, which names the place of each problem. */
const Overlay = z.record(z.string(), z.unknown());
const Addresses = z.object({
  providers: z
    .array(z.object({ endpoints: z.record(z.string(), z.object({ baseUrl: z.string().nullish() })).optional() }))
    .optional(),
});

export interface ModelsDeps {
  readonly desk: ModelDesk;
  readonly registries: Registries;
  readonly workspaces: WorkspacesService;
  readonly allowInternal: boolean;
}

/** `/api/v1/models…` and `/api/v1/workspaces/:id/model`. */
export function modelsFeature(app: App, services: Services, deps: ModelsDeps): void {
  const { desk, registries } = deps;
  const workspaceOf = (orgId: string, ref: string): Promise<WorkspaceRow> =>
    deps.workspaces.find(services.db, orgId, ref);

  app.route({
    method: 'GET',
    url: '/api/v1/models',
    config: { access: { scope: 'models:read' } },
    schema: { response: { 200: pageOf(ModelInfo) } },
    handler: async (request) => ({ items: await desk.list(principalOf(request).orgId), nextCursor: null }),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/models/default',
    config: { access: { scope: 'models:read' } },
    schema: { response: { 200: ModelChoice } },
    handler: (request) => desk.show(principalOf(request).orgId, null),
  });
  app.route({
    method: 'PUT',
    url: '/api/v1/models/default',
    config: { access: { scope: 'models:write' } },
    schema: { body: SetModel, response: { 200: ModelChoice } },
    handler: (request) => desk.set(principalOf(request).orgId, null, request.body, principalOf(request)),
  });
  app.route({
    method: 'POST',
    url: '/api/v1/models/check',
    config: { access: { scope: 'models:write' } },
    schema: { body: CheckModel, response: { 200: ModelCheck } },
    handler: async (request) => {
      const { orgId } = principalOf(request);
      const { model, workspace } = request.body;
      return desk.check(orgId, workspace === undefined ? null : await workspaceOf(orgId, workspace), model ?? null);
    },
  });
  app.route({
    method: 'GET',
    url: '/api/v1/models/registry',
    config: { access: { scope: 'models:read' } },
    schema: { response: { 200: z.object({ registry: z.unknown(), overlay: z.unknown() }) } },
    handler: async (request) => {
      const { orgId } = principalOf(request);
      return {
        registry: await registries.of(services.db, orgId),
        overlay: await registries.overlayOf(services.db, orgId),
      };
    },
  });
  app.route({
    method: 'PUT',
    url: '/api/v1/models/registry',
    // It says where keys are sent and what a token costs, so it is for whom keys and budgets are.
    config: { access: { scope: 'org:write' } },
    schema: { body: Overlay, response: { 200: z.object({ providers: z.array(z.string()) }) } },
    handler: async (request) => {
      const { orgId, actor } = principalOf(request);
      checkAddresses(request.body, deps.allowInternal);
      await services.db.transaction().execute(async (trx) => {
        await registries.store(trx, orgId, request.body, services.clock.now());
        await appendEvents(trx, [{ orgId, type: 'model.changed', actor, data: { registry: true } }]);
        await appendAudit(
          trx,
          { orgId, actor, action: 'model.registry', target: null, data: {} },
          services.clock.now(),
        );
      });
      registries.forget(orgId);
      return { providers: (await registries.of(services.db, orgId)).providers.map((provider) => provider.id) };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/model',
    config: { access: { scope: 'models:read' } },
    schema: { params: OfWorkspace, response: { 200: ModelChoice } },
    handler: async (request) => {
      const { orgId } = principalOf(request);
      return desk.show(orgId, await workspaceOf(orgId, request.params.id));
    },
  });
  app.route({
    method: 'PUT',
    url: '/api/v1/workspaces/:id/model',
    config: { access: { scope: 'models:write' } },
    schema: { params: OfWorkspace, body: SetModel, response: { 200: ModelChoice } },
    handler: async (request) => {
      const principal = principalOf(request);
      return desk.set(principal.orgId, await workspaceOf(principal.orgId, request.params.id), request.body, principal);
    },
  });
}

function checkAddresses(overlay: unknown, allowInternal: boolean): void {
  const read = Addresses.safeParse(overlay);
  if (!read.success) return;
  for (const provider of read.data.providers ?? []) {
    for (const { baseUrl } of Object.values(provider.endpoints ?? {})) {
      const problem = typeof baseUrl === 'string' ? addressProblem(baseUrl, allowInternal) : null;
      if (problem !== null)
        throw new MoleculeError('address_refused', {
          params: { address: String(baseUrl).slice(0, 200), detail: problem },
        });
    }
  }
}
