// `node tools/requirements.mjs` prints which requirements have a test; `--open` lists those that do not;
// `--accept` writes the covered ones to requirements/covered.json: from then on, losing their last test fails a gate.
// Needs a Node that strips types (22.18 or newer).

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coverageTable } from './gates/coverage-table.ts';
import { ACCEPTED_FILE, readAccepted, readCitations, readManifest } from './gates/read-requirements.ts';
import { coverageByIssue } from './gates/requirements.ts';
import { REPOSITORY } from './gates/tracked-files.ts';

const manifest = readManifest();
const coverage = coverageByIssue(manifest, readCitations());
process.stdout.write(`${coverageTable(coverage)}\n`);

if (process.argv.includes('--open')) {
  const titles = new Map(manifest.map(({ id, title }) => [id, title]));
  for (const { issue, open } of coverage) {
    process.stdout.write(`\nissue ${issue}, not yet:\n${open.map((id) => `  ${id}  ${titles.get(id)}`).join('\n')}\n`);
  }
}

if (process.argv.includes('--accept')) {
  const covered = new Set([...readAccepted(), ...coverage.flatMap((entry) => entry.covered)]);
  const ordered = manifest.map(({ id }) => id).filter((id) => covered.has(id));
  writeFileSync(join(REPOSITORY, ACCEPTED_FILE), `${JSON.stringify(ordered, null, 2)}\n`);
  process.stdout.write(`${ordered.length} requirements have to stay covered\n`);
}
