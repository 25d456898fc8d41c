import type { Registry } from './registry-schema.ts';

/** A provider that a person's environment gives access to. Names of variables only: the values stay where they are. */
export interface EnvironmentCredential {
  readonly providerId: string;
  readonly keyVariable: string;
  /** The address given by the person, or null for the provider's own. */
  readonly baseUrl: string | null;
}

/** The providers whose key stands in this environment, in the registry's order. Empty values do not count. */
export function findEnvironmentCredentials(
  environment: Readonly<Record<string, string | undefined>>,
  registry: Registry,
): readonly EnvironmentCredential[] {
  const has = (name: string): boolean => (environment[name] ?? '').trim() !== '';
  return registry.providers.flatMap((provider) => {
    const keyVariable = provider.keyVariables.find(has);
    if (keyVariable === undefined) return [];
    const baseUrlVariable = provider.baseUrlVariables.find(has);
    const baseUrl =
      baseUrlVariable === undefined ? null : (environment[baseUrlVariable] ?? '').trim().replace(/\/+$/, '');
    return [{ providerId: provider.id, keyVariable, baseUrl }];
  });
}
