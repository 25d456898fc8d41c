// Run as a real process: renders plugins into a home and takes them out again, over and over, until it is killed. argv: home, name.

import { homeRuntime, nativeConfigOf, type RenderedSource, renderHome } from '../../../src/home/index.ts';

const [home = '', name = ''] = process.argv.slice(2);
const native = await nativeConfigOf('claude-code');
if (native === null) throw new Error('no runtime');
const own: RenderedSource = {
  source: `file:/${name}`,
  plugin: name,
  stamp: '1',
  servers: [
    // The brands are the business of who parses them; this file names its own.
    {
      name,
      plugin: name,
      required: false,
      requiredTools: [],
      witnessed: false,
      descriptor: { type: 'stdio', command: name, args: [], env: {} },
    } as unknown as RenderedSource['servers'][number],
  ],
  skills: [{ name, path: `/${name}/skills/${name}` }],
  instructions: [`Use ${name}.`],
  files: [],
  unpacked: null,
};
process.stdout.write('ready\n');
for (let isIn = true; ; isIn = !isIn) {
  const done = await renderHome({
    runtime: 'claude-code',
    adapter: homeRuntime(native),
    home,
    build: 'test',
    dryRun: false,
    sources: (now) => [...now.filter(({ source }) => source !== own.source), ...(isIn ? [own] : [])],
  });
  if (!done.ok) throw new Error(done.error.message);
}
