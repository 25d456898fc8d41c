import { ImportedWorkspace, OrgDocument, OrgImported, WorkspaceDocument } from '@molecule/contracts';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { mayBringPlugins } from '../plugins/may-bring-plugins.ts';
import { type DocumentsDeps, DocumentsService } from './documents-service.ts';
import { readYaml, YAML_TYPES } from './yaml-body.ts';

const Params = z.object({ id: z.string().min(1).max(200) });

/** Workspaces and orgs as files: `/api/v1/workspaces/import`, `/api/v1/workspaces/:id/export`, `/api/v1/org/import`, `/api/v1/org/export`. Bodies are YAML or JSON. */
export function documentsFeature(app: App, services: Services, deps: DocumentsDeps): void {
  const documents = new DocumentsService(services, deps);
  void app.register(async (inner) => {
    const scope = inner as unknown as App; // a scope of the same app: the registration has widened its type
    scope.addContentTypeParser(YAML_TYPES, { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, readYaml(String(body)));
      } catch (error) {
        done(error as Error); // thrown by `readYaml`
      }
    });

    scope.route({
      method: 'POST',
      url: '/api/v1/workspaces/import',
      config: { access: { scope: 'workspaces:write' } },
      schema: { body: WorkspaceDocument, response: { 201: ImportedWorkspace } },
      handler: async (request, reply) => {
        const principal = principalOf(request);
        mayBringPlugins(principal, [request.body]);
        const [made] = await documents.import([request.body], principal);
        if (made === undefined) throw new Error('a document was made without a workspace');
        return reply.code(201).send(made);
      },
    });
    scope.route({
      method: 'GET',
      url: '/api/v1/workspaces/:id/export',
      config: { access: { scope: 'workspaces:read' } },
      schema: { params: Params, response: { 200: WorkspaceDocument } },
      handler: async (request) =>
        documents.export(await deps.workspaces.find(services.db, principalOf(request).orgId, request.params.id)),
    });
    scope.route({
      method: 'POST',
      url: '/api/v1/org/import',
      config: { access: { scope: 'org:write' } },
      schema: { body: OrgDocument, response: { 201: OrgImported } },
      handler: async (request, reply) => {
        const principal = principalOf(request);
        mayBringPlugins(principal, request.body.workspaces);
        return reply.code(201).send({ items: [...(await documents.import(request.body.workspaces, principal))] });
      },
    });
    scope.route({
      method: 'GET',
      url: '/api/v1/org/export',
      config: { access: { scope: 'workspaces:read' } },
      schema: { response: { 200: OrgDocument } },
      handler: async (request) => documents.exportOrg(principalOf(request).orgId),
    });
  });
}
