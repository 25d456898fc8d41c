import { fileURLToPath } from 'node:url';

/** Root of the checkout or package that this program runs from; plugins and templates lie below it. */
export const INSTALL_ROOT = fileURLToPath(new URL('../../../../', import.meta.url)).replace(/\/$/, '');
export const VERSION = '0.1.0';
