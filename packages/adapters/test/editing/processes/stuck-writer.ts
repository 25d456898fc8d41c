// Run as a real process: writes the temporary file, says so, and never comes to the rename. argv: file.
import { updateConfigFile } from '../../../src/editing/file/update-config-file.ts';
import { ok } from '../../../src/editing/outcome.ts';

await updateConfigFile(process.argv[2] ?? '', () => ok({ text: '{"new": true}\n', report: undefined }), {
  beforeReplace: async () => {
    process.stdout.write('before rename\n');
    // A pending timer keeps the process alive until it is killed.
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  },
});
