import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Of what is smaller, the head of an answer is most. */
const WORTH_BYTES = 1024;

/** Puts a `.br` and a `.gz` beside every text file, which the control plane sends to a browser that takes them. Nothing is compressed while somebody waits. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async closeBundle() {
      const dist = join(import.meta.dirname, 'dist');
      const names = (await readdir(dist, { recursive: true })).filter((name) => /\.(js|css|html|svg)$/.test(name));
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
      await Promise.all(
        names.map(async (name) => {
          const text = await readFile(join(dist, name));
          if (text.length < WORTH_BYTES) return;
          await writeFile(join(dist, `${name}.br`), await promisify(brotliCompress)(text, quality));
          await writeFile(join(dist, `${name}.gz`), await promisify(gzip)(text, { level: 9 }));
        }),
      );
    },
  };
}

// The control plane serves the result from `/`. Nothing is inlined, because the page's policy allows no inline script.
export default defineConfig({
  root: 'src',
  publicDir: 'public',
  plugins: [react(), tailwind(), precompress()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // light-dark() is kept as it is: the theme follows the system and the toggle without a second set of rules.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: false,
  },
  server: {
    port: 5199,
    proxy: Object.fromEntries(
      ['/api', '/sign-in', '/healthz'].map((path) => [
        path,
        process.env['MOLECULE_API_URL'] ?? 'http://127.0.0.1:8787',
      ]),
    ),
  },
});
