import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MoleculeError, Template } from '@molecule/contracts';
import { z } from 'zod';

const TemplateFile = Template.extend({
  /** Path of the persona text inside the template. */
  identity: z.string(),
  /** Plain files that go into the work folder, by path inside the template's `assets` folder. */
  assets: z.array(z.string()).default([]),
});

export interface LoadedTemplate extends Template {
  /** Persona with `{{name}}` and `{{role}}` places. */
  readonly identityText: string;
  readonly assetFiles: readonly { readonly path: string; readonly text: string }[];
}

/**
 * The templates that come with this version, read once at start. A broken one is a broken release: it throws. Only a persona text that is missing stops
 * nothing (B108): workspaces of that template run without one, which is told here and shown in their identity signal.
 */
export class TemplateCatalogue {
  readonly #templates: ReadonlyMap<string, LoadedTemplate>;

  constructor(templates: ReadonlyMap<string, LoadedTemplate>) {
    this.#templates = templates;
  }

  /** @param onMissing told of each template whose persona text is not there */
  static async load(
    directory: string,
    onMissing: (template: string, path: string) => void = () => undefined,
  ): Promise<TemplateCatalogue> {
    const templates = new Map<string, LoadedTemplate>();
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const folder = join(directory, entry.name);
      const { identity, assets, ...template } = TemplateFile.parse(
        JSON.parse(await readFile(join(folder, 'template.json'), 'utf8')),
      );
      const identityText = await readFile(join(folder, identity), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        onMissing(template.name, join(folder, identity));
        return '';
      });
      const assetFiles = await Promise.all(
        assets.map(async (path) => ({ path, text: await readFile(join(folder, 'assets', path), 'utf8') })),
      );
      templates.set(template.name, { ...template, identityText, assetFiles });
    }
    return new TemplateCatalogue(templates);
  }

  list(): readonly LoadedTemplate[] {
    return [...this.#templates.values()];
  }

  /** @throws MoleculeError `template_unknown`, naming the known ones (I34: never an empty persona) */
  get(name: string): LoadedTemplate {
    const template = this.#templates.get(name);
    if (template === undefined)
      throw new MoleculeError('template_unknown', {
        params: { template: name, known: [...this.#templates.keys()].sort() },
      });
    return template;
  }
}

/** The persona of a workspace: places filled, so that nothing of the form `{{…}}` reaches an agent (I35). */
export function renderIdentity(text: string, values: { readonly name: string; readonly role: string | null }): string {
  return text
    .replace(/\{\{name\}\}/g, () => values.name)
    .replace(/\{\{role\}\}/g, () => values.role ?? '')
    .replace(/[ \t]+$/gm, '');
}
