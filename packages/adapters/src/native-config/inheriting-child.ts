import type { RuntimeAdapter } from '../contract/index.ts';
import { expandedOrLiteral, mapValues, plainReferences } from './references.ts';

/**
 * What a server of stdio receives where the runtime passes on its own environment, and where the entry's own variables win.
 * @param passesOn which variables of its own the runtime passes on
 * @param unset what a reference to a variable that is not set becomes: the text as it is written, or nothing
 */
export function inheritingChild(
  passesOn: (name: string) => boolean = () => true,
  unset: 'literal' | 'empty' = 'literal',
): RuntimeAdapter['childEnvironment'] {
  return (parent, server) => {
    if (server.type === 'http') return {};
    const own = mapValues(server.env, (value) => {
      const expanded = expandedOrLiteral(plainReferences(value), parent);
      return unset === 'empty' ? expanded.replace(/\$\{\w+\}/g, '') : expanded;
    });
    return { ...Object.fromEntries(Object.entries(parent).filter(([name]) => passesOn(name))), ...own };
  };
}
