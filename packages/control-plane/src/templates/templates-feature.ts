import { pageOf, Template } from '@molecule/contracts';
import type { App } from '../kernel/app.ts';
import type { LoadedTemplate, TemplateCatalogue } from './template-catalogue.ts';

/** `GET /api/v1/templates`. */
export function templatesFeature(app: App, catalogue: TemplateCatalogue): void {
  app.route({
    method: 'GET',
    url: '/api/v1/templates',
    config: { access: { scope: 'workspaces:read' } },
    schema: { response: { 200: pageOf(Template) } },
    handler: async () => ({ items: catalogue.list().map(publicTemplate), nextCursor: null }),
  });
}

export function publicTemplate(template: LoadedTemplate): Template {
  const { identityText: _text, assetFiles: _files, ...visible } = template;
  return visible;
}
