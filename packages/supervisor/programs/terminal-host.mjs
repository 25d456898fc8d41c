// Runs inside the sandbox of a box and holds one shell on a terminal of its own. Speaks lines of JSON with the supervisor: in come {"w": base64 to type},
// {"r": [columns, rows]} and {"p": true|false} to hold the output back; out go {"o": base64 of output} and {"x": exit code} as the last.
// Arguments: the module of pseudoterminals, the shell, columns, rows.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [modulePath = '', shell = '/bin/sh', cols = '80', rows = '24'] = process.argv.slice(2);
const pty = createRequire(import.meta.url)(modulePath);
const terminal = pty.spawn(shell, ['-i'], {
  name: 'xterm-256color',
  cols: Number(cols),
  rows: Number(rows),
  cwd: process.cwd(),
  env: { ...process.env, TERM: 'xterm-256color', SHELL: shell },
  // Bytes, not text: a character may be cut between two pieces.
  encoding: null,
});
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

terminal.onData((bytes) => {
  // The supervisor reads slowly: the shell has to wait, as it would for a slow line.
  if (!say({ o: Buffer.from(bytes).toString('base64') })) {
    terminal.pause();
    process.stdout.once('drain', () => terminal.resume());
  }
});
terminal.onExit(({ exitCode }) => {
  say({ x: exitCode });
  process.stdout.end(() => process.exit(0));
});
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { w, r, p } = JSON.parse(line);
  if (typeof w === 'string') terminal.write(Buffer.from(w, 'base64'));
  if (Array.isArray(r)) terminal.resize(r[0], r[1]);
  if (p === true) terminal.pause();
  if (p === false) terminal.resume();
});
lines.on('close', () => terminal.kill());
