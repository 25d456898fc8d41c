import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Path } from '../../src/editing/config-value.ts';
import type { DocumentFormat } from '../../src/editing/document-format.ts';
import { jsoncFormat, jsonFormat } from '../../src/editing/json/json-format.ts';
import { tomlFormat } from '../../src/editing/toml/toml-format.ts';
import { yamlFormat } from '../../src/editing/yaml/yaml-format.ts';

export interface CorpusFile {
  readonly name: string;
  readonly text: string;
  readonly format: DocumentFormat;
  /** Where this kind of file holds its servers. */
  readonly servers: Path;
}

const FORMATS: Record<string, DocumentFormat> = {
  json: jsonFormat,
  jsonc: jsoncFormat,
  toml: tomlFormat,
  yaml: yamlFormat,
};

const SERVERS: Record<string, Path> = {
  claude: ['mcpServers'],
  gemini: ['mcpServers'],
  qwen: ['mcpServers'],
  copilot: ['mcpServers'],
  cline: ['mcpServers'],
  vscode: ['servers'],
  opencode: ['mcp'],
  crush: ['mcp'],
  openclaw: ['mcp', 'servers'],
  amp: ['amp.mcpServers'],
  zed: ['context_servers'],
  codex: ['mcp_servers'],
  hermes: ['mcp_servers'],
  goose: ['extensions'],
};

/** The hand-written files in `corpus/`, named after the runtime and what is odd about them. */
export function corpus(): CorpusFile[] {
  const directory = fileURLToPath(new URL('corpus/', import.meta.url));
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .map((name) => {
      const format = FORMATS[name.slice(name.lastIndexOf('.') + 1)];
      const servers = SERVERS[name.split('-')[0] ?? ''];
      if (!format || !servers) throw new Error(`unknown kind of corpus file: ${name}`);
      return { name, text: readFileSync(directory + name, 'utf8'), format, servers };
    });
}
