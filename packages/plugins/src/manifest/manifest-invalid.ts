import { MoleculeError } from '@molecule/contracts';
import type { z } from 'zod';

/** The refusal of a manifest, naming the file and the place in it. */
export function manifestInvalid(plugin: string, detail: string): MoleculeError {
  return new MoleculeError('plugin_manifest_invalid', { params: { plugin, detail: detail.slice(0, 500) } });
}

export function schemaInvalid(plugin: string, path: string, error: z.ZodError): MoleculeError {
  const issue = error.issues[0];
  return manifestInvalid(
    plugin,
    issue === undefined ? path : `${path} at ${issue.path.join('.') || 'the top'}: ${issue.message}`,
  );
}
