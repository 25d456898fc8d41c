// `node tools/canvas-client.mjs URL`: writes the canvas' wire types from the OpenAPI document of a running control plane,
// so that a changed route or field breaks the type check of `packages/canvas`. A test compares the file with the live document.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { usedRoutes } from './canvas-client/used-routes.mjs';
import { wireTypes } from './canvas-client/wire-types.mjs';

const base = process.argv[2] ?? process.env.MOLECULE_API_URL ?? 'http://127.0.0.1:8787';
const response = await fetch(new URL('/api/openapi.json', base));
const file = fileURLToPath(new URL('../packages/canvas/src/api/wire.generated.ts', import.meta.url));
writeFileSync(file, wireTypes(await response.json(), usedRoutes()));
process.stdout.write(`written ${file}\n`);
