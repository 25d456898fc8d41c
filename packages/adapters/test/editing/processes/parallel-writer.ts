// Run as a real process: adds its own entries to a shared file, one after the other. argv: file, name, count.

import { reconcileConfigFile } from '../../../src/editing/file/reconcile-config-file.ts';
import { jsonFormat } from '../../../src/editing/json/json-format.ts';
import { EMPTY_LEDGER, type FileLedger } from '../../../src/editing/ledger.ts';
import { PERSON_POLICY } from '../../../src/editing/reconcile-policy.ts';

const [file = '', name = '', count = '1'] = process.argv.slice(2);
let ledger: FileLedger = EMPTY_LEDGER;
for (let round = 1; round <= Number(count); round += 1) {
  const desired = Array.from({ length: round }, (_, index) => ({
    path: ['mcpServers', `${name}-${index}`],
    value: { command: name },
  }));
  const done = await reconcileConfigFile(file, jsonFormat, desired, { ledger, policy: PERSON_POLICY });
  if (!done.ok) throw new Error(`${done.error.reason.code}: ${done.error.reason.message}`);
  ledger = done.value.ledger;
}
