import type fc from 'fast-check';
import type { DocumentFormat } from '../../src/editing/document-format.ts';
import type { NativeConfig } from '../../src/native-config/native-config.ts';
import { jsonTextArbitrary } from '../editing/json-arbitrary.ts';
import { tomlTextArbitrary } from '../editing/toml-arbitrary.ts';
import { yamlTextArbitrary } from '../editing/yaml-arbitrary.ts';

/** Hand-written configurations of a runtime: any text of its format, often with servers of the person's own where it keeps them. */
export function nativeTextArbitrary({ format, serversKey }: NativeConfig): fc.Arbitrary<string> {
  const [key = ''] = serversKey;
  return textArbitrary(format).map((text) =>
    serversKey.length === 1 ? text.replace(/"mcpServers"(?=\s*:)/, JSON.stringify(key)) : text,
  );
}

function textArbitrary({ id }: DocumentFormat): fc.Arbitrary<string> {
  if (id === 'toml') return tomlTextArbitrary;
  if (id === 'yaml') return yamlTextArbitrary;
  return jsonTextArbitrary({ comments: id === 'jsonc' });
}
