import { spawn } from 'node:child_process';

export interface GitRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal: AbortSignal;
  /** Largest file that git may write: bounds a pack that never ends. */
  readonly fileBytes: number;
  /** Most bytes that are read from its output. */
  readonly outputBytes: number;
}

export interface GitOutput {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stdout: Buffer;
  /** Last part. */
  readonly stderr: string;
  /** git could not be started at all. */
  readonly isMissing: boolean;
  readonly isOverOutput: boolean;
}

const STDERR_BYTES = 8_192;
const BLOCK_BYTES = 512;

/**
 * Runs git once in its own process group: when the signal aborts, nothing of it stays behind, helpers included. Never rejects.
 */
export function runGit(run: GitRun): Promise<GitOutput> {
  return new Promise((resolve) => {
    // The limit on file sizes is the system's own, so it holds while a pack streams in.
    const child = spawn(
      '/bin/sh',
      ['-c', 'ulimit -f "$1"; shift; exec git "$@"', 'sh', String(Math.ceil(run.fileBytes / BLOCK_BYTES)), ...run.args],
      {
        cwd: run.cwd,
        env: { ...run.env },
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      },
    );
    const chunks: Buffer[] = [];
    let length = 0;
    let stderr = '';
    let isOverOutput = false;
    const end = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    run.signal.addEventListener('abort', end, { once: true });
    if (run.signal.aborted) end();
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > run.outputBytes) {
        isOverOutput = true;
        end();
      } else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_BYTES);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.stdin ?? '');
    const done = (code: number | null, killedBy: NodeJS.Signals | null): void => {
      run.signal.removeEventListener('abort', end);
      resolve({ code, killedBy, stdout: Buffer.concat(chunks), stderr, isMissing: code === 127, isOverOutput });
    };
    child.on('error', () => done(127, null));
    child.on('close', done);
  });
}

const KEPT = [
  'PATH',
  'http_proxy',
  'https_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Environment of git: no configuration of anybody, no question to anybody, only web protocols. */
export function gitEnvironment(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
  allowHttp: boolean,
): Record<string, string> {
  const kept = Object.fromEntries(KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return {
    ...kept,
    HOME: home,
    XDG_CONFIG_HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    LC_ALL: 'C',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: allowHttp ? 'https:http' : 'https',
  };
}
