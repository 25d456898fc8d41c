import type { z } from 'zod';
import { type Registry, registryOverlaySchema, registrySchema } from './registry-schema.ts';

export type RegistryMerge =
  | { readonly ok: true; readonly registry: Registry }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Lays an overlay (of a file or an API call) over a registry: providers by id, their endpoints by protocol, their models by id, the
 * rest field by field. Gives the problems, each with its place, when the overlay or the result is not valid; the base never changes.
 */
export function mergeRegistry(base: Registry, overlay: unknown): RegistryMerge {
  const read = registryOverlaySchema.safeParse(overlay);
  if (!read.success) return { ok: false, problems: problemsOf(read.error) };
  const providers = new Map<string, unknown>(base.providers.map((provider) => [provider.id, provider]));
  for (const { removed, models, ...change } of read.data.providers) {
    const known = base.providers.find((provider) => provider.id === change.id);
    if (removed === true) {
      providers.delete(change.id);
      continue;
    }
    const merged = new Map<string, unknown>((known?.models ?? []).map((model) => [model.id, model]));
    for (const model of models ?? [])
      merged.set(model.id, { ...known?.models.find((entry) => entry.id === model.id), ...model });
    providers.set(change.id, {
      ...known,
      ...change,
      endpoints: { ...known?.endpoints, ...change.endpoints },
      models: [...merged.values()],
    });
  }
  const priceVersion = read.data.priceVersion ?? base.priceVersion;
  const result = registrySchema.safeParse({
    version: read.data.version ?? base.version,
    ...(priceVersion === undefined ? {} : { priceVersion }),
    providers: [...providers.values()],
  });
  return result.success ? { ok: true, registry: result.data } : { ok: false, problems: problemsOf(result.error) };
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`,
  );
}
