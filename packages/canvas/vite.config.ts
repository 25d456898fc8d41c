import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The control plane serves the result from `/`. Nothing is inlined, because the page's policy allows no inline script.
export default defineConfig({
  root: 'src',
  publicDir: 'public',
  plugins: [react(), tailwind()],
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
