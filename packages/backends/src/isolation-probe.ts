/** What the probe tries. Everything in it is made by the host just before, so that success or failure means something. */
export interface ProbeOrder {
  readonly ownFolder: string;
  /** Paths that the policy opens; they may show inside a hidden one. */
  readonly open: readonly string[];
  /** A file that the host can read and write and the box must not. */
  readonly canaryFile: string;
  /** Paths that must show nothing. */
  readonly hidden: readonly string[];
  /** Pid of a process of the host's user outside the box, and a text in its environment. */
  readonly canaryPid: number;
  readonly canaryText: string;
  readonly forbiddenPort: number;
  readonly controlPlanePort: number | null;
}

/** What the probe found: for each promise the texts of its breaches, empty where it held. */
export interface ProbeFindings {
  readonly filesystem: readonly string[];
  readonly processes: readonly string[];
  readonly network: readonly string[];
  readonly user: readonly string[];
}

/**
 * The program that runs inside the box and really tries to break out. CommonJS for `node -e`; takes a `ProbeOrder` as its one argument and prints
 * `ProbeFindings`. It opens files and writes nothing to what it should not have opened.
 */
export const PROBE_SCRIPT = `
const fs = require('node:fs'), net = require('node:net'), os = require('node:os'), path = require('node:path');
const order = JSON.parse(process.argv[1]);
const found = { filesystem: [], processes: [], network: [], user: [] };
const can = (action) => { try { return action() !== false; } catch { return false; } };
const opens = (file, flags) => can(() => fs.closeSync(fs.openSync(file, flags)));

const own = path.join(order.ownFolder, '.molecule-isolation-probe');
if (!can(() => { fs.writeFileSync(own, ''); fs.rmSync(own); })) found.filesystem.push('the own folder cannot be written');
if (opens(order.canaryFile, 'r')) found.filesystem.push('a file of the box host can be read');
if (opens(order.canaryFile, 'a')) found.filesystem.push('a file of the box host can be written');
for (const file of ['/usr/bin/env', '/etc/passwd']) if (opens(file, 'r+')) found.filesystem.push(file + ' can be written');
for (const hidden of order.hidden) if (can(() => fs.statSync(hidden).isDirectory() ? shows(hidden) : fs.readFileSync(hidden).length > 0)) found.filesystem.push(hidden + ' can be read');
/* A folder on the way to the own one exists, and must hold nothing else. */
function shows(directory) {
  return fs.readdirSync(directory).some((name) => {
    const entry = path.join(directory, name);
    if (entry === order.ownFolder) return false;
    return order.ownFolder.startsWith(entry + '/') ? shows(entry) : !order.open.some((each) => each === entry || each.startsWith(entry + '/'));
  });
}
for (const fd of fs.readdirSync('/proc/self/fd')) can(() => {
  const target = fs.readlinkSync('/proc/self/fd/' + fd);
  if (Number(fd) > 2 && /^\\/(?!dev\\/|proc\\/)/.test(target)) found.filesystem.push('descriptor ' + fd + ' of the box host came along: ' + target);
});

if (fs.readdirSync('/proc').some((pid) => can(() => fs.readFileSync('/proc/' + pid + '/environ').includes(order.canaryText)))) found.processes.push('the environment of a process outside can be read');
if (can(() => process.kill(order.canaryPid, 0) && fs.readFileSync('/proc/' + order.canaryPid + '/comm', 'utf8') === 'sleep\\n')) found.processes.push('a process outside can be signalled');

const status = fs.readFileSync('/proc/self/status', 'utf8');
if (!/^CapEff:\\s*0+$/m.test(status)) found.user.push('the process has capabilities');
if (!/^NoNewPrivs:\\s*1$/m.test(status)) found.user.push('new privileges can be gained');
for (const file of ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger']) if (opens(file, 'a')) found.user.push(file + ' can be written');

if (Object.values(os.networkInterfaces()).flat().some((each) => !each.internal)) found.network.push('a network interface of the machine is there');
const attempt = (port, request) => new Promise((resolve) => {
  const socket = net.connect({ port, host: '127.0.0.1', timeout: 3000 });
  socket.once('timeout', () => { socket.destroy(); resolve(false); });
  socket.once('error', () => resolve(false));
  if (request === null) socket.once('connect', () => { socket.destroy(); resolve(true); });
  else { socket.once('data', () => { socket.destroy(); resolve(true); }); socket.once('close', () => resolve(false)); socket.write(request); }
});
(async () => {
  if (await attempt(order.forbiddenPort, null)) found.network.push('a port of the machine that is not allowed can be reached');
  const request = 'GET /healthz HTTP/1.1\\r\\nhost: 127.0.0.1\\r\\nconnection: close\\r\\n\\r\\n';
  if (order.controlPlanePort !== null && !(await attempt(order.controlPlanePort, request))) found.network.push('the control plane does not answer');
  console.log(JSON.stringify(found));
})();
`;
