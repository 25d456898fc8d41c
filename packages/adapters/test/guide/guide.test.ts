import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { DOCUMENTED_HERMES } from '../conformance/documented-programs.ts';
import { formatCases } from '../conformance/format-cases.ts';
import { renderingCases } from '../conformance/rendering-cases.ts';
import { nova } from './nova/adapter.ts';

/*
 * The worked example of docs/adapters.md: what stands there is what lies here, and it passes the kit on a program that follows its
 * description.
 */
const GUIDE = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'adapters.md'), 'utf8');
const NOVA = join(import.meta.dirname, 'nova');
/** The guide shows the example where an adapter lies, below `src`. */
const asShown = (text: string): string => text.replaceAll("'../../../src/", "'../");

describe('the worked example of the guide', () => {
  test.each(readdirSync(NOVA))(
    verifies('I3-docs-adapters', '%s stands in the guide as it is compiled and run here'),
    (name) => {
      const shown = new RegExp(`\`nova/${name.replace('.', '\\.')}\`:?\\n\\n\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(
        GUIDE,
      )?.[1];
      expect(shown).toBe(asShown(readFileSync(join(NOVA, name), 'utf8')));
    },
  );

  test(verifies('I3-docs-adapters', 'every file that the guide shows is here'), () => {
    const shown = [...GUIDE.matchAll(/^`nova\/([\w-]+\.ts)`/gm)].map(([, name]) => name);
    expect(shown.sort()).toEqual(readdirSync(NOVA).sort());
  });

  // Everything else that the guide says about it is its cases: `I3-docs-adapters` is proved by their passing.
  renderingCases(nova);
  formatCases(nova, {
    wholeWay: verifies('I3-docs-adapters', 'the example goes the whole way from rendering to launch'),
    name: 'nova',
    override: 'MOLECULE_NOVA_PATH',
    source: DOCUMENTED_HERMES.replaceAll('HERMES_HOME', 'NOVA_HOME')
      .replaceAll('config.yaml', 'servers.json')
      .replaceAll('SOUL.md', 'NOVA.md')
      .replaceAll('Hermes Agent v0.21.0 (2026.8.31)', 'nova 1.4.0')
      .replaceAll('mcp__molecule_platform__provision_workspace', 'molecule-platform/provision_workspace'),
    args: ['acp'],
    launches: '.nova/launches.jsonl',
    references: ['MOLECULE_API_URL'],
  });
});
