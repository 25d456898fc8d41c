// What `./molecule` calls when something has to be done first: `node tools/bootstrap.mjs [run|test]`.

import { prepareCheckout } from './bootstrap/checkout.mjs';
import { reportFailure } from './bootstrap/progress.mjs';

try {
  await prepareCheckout({ mode: process.argv[2] === 'test' ? 'full' : 'prod' });
} catch (error) {
  process.exitCode = reportFailure(error);
}
