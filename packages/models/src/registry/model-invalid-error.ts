import { MoleculeError } from '@molecule/contracts';
import type { NotConfigured } from './resolve-provider.ts';

/** The catalogue error for a model that a person set and that cannot be resolved: for the moment of setting it, not for a workspace's state. */
export function modelInvalidError(model: string, result: NotConfigured): MoleculeError {
  const nearest = result.nearest.length === 0 ? 'none' : result.nearest;
  return new MoleculeError('model_invalid', { params: { model, detail: result.message, nearest } });
}
