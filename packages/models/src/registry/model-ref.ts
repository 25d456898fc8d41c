import { findProvider } from './find-model.ts';
import type { Registry } from './registry-schema.ts';

/**
 * A model as a person writes it, taken apart: `PROVIDER/MODEL` or `PROVIDER:MODEL` with a registered provider, something with an
 * unregistered prefix, or a bare id. Nothing is guessed here.
 */
export type ModelRef =
  | { readonly kind: 'empty' }
  | { readonly kind: 'qualified'; readonly providerId: string; readonly model: string }
  | { readonly kind: 'foreign'; readonly prefix: string; readonly text: string }
  | { readonly kind: 'bare'; readonly model: string };

/** Takes a model reference apart by the registry's provider names (ids and aliases). A colon in a bare id is a tag (`llama3:8b`). */
export function parseModelRef(text: string | null | undefined, registry: Registry): ModelRef {
  const trimmed = (text ?? '').trim();
  if (trimmed === '') return { kind: 'empty' };
  const separator = /[/:]/.exec(trimmed);
  if (separator === null) return { kind: 'bare', model: trimmed };
  const prefix = trimmed.slice(0, separator.index);
  const rest = trimmed.slice(separator.index + 1);
  const provider = findProvider(registry, prefix);
  if (provider !== null && rest !== '') return { kind: 'qualified', providerId: provider.id, model: rest };
  if (separator[0] === ':' && provider === null) return { kind: 'bare', model: trimmed };
  return { kind: 'foreign', prefix, text: trimmed };
}
