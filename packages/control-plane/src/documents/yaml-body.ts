import { MoleculeError } from '@molecule/contracts';
import { parseDocument } from 'yaml';

/** Media types of YAML; JSON is YAML too, so a document of either kind may come under them. */
export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];
/** References that may be followed: a document of a few lines must not become a huge one. */
const MOST_ALIASES = 100;

/** Reads one YAML document into plain data; tags make no objects of classes. @throws MoleculeError `invalid_yaml` with line and column */
export function readYaml(text: string): unknown {
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined)
    throw new MoleculeError('invalid_yaml', { params: { detail: problem.message.split('\n', 1)[0] ?? '' } });
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw new MoleculeError('invalid_yaml', { params: { detail: error instanceof Error ? error.message : '' } });
  }
}
