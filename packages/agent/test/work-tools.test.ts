import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { boundedText } from '../src/work-tools/bounded-text.ts';
import { listWorkFiles, readWorkFile, writeWorkFile } from '../src/work-tools/files.ts';
import { runCommand } from '../src/work-tools/run-command.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-work-'));
});
const never = () => new AbortController().signal;

describe('files', () => {
  test('are written, listed and read inside the folder', async () => {
    await writeWorkFile(folder, 'a/b.txt', 'hello');
    expect(await readWorkFile(folder, './a/b.txt')).toBe('hello');
    expect(await listWorkFiles(folder, '.')).toBe('a/');
    expect(readFileSync(join(folder, 'a/b.txt'), 'utf8')).toBe('hello');
  });

  test.each(['../x', '/etc/passwd', 'link/x', 'a/../../x'])('%s is outside', async (path) => {
    symlinkSync('/tmp', join(folder, 'link'));
    await expect(writeWorkFile(folder, path, 'x')).rejects.toThrow('outside');
    await expect(readWorkFile(folder, path)).rejects.toThrow('outside');
  });

  test('a folder whose name begins with two dots is refused too: a plain rule is worth the odd name', async () => {
    mkdirSync(join(folder, '..x'));
    writeFileSync(join(folder, '..x', 'f'), 'in');
    await expect(readWorkFile(folder, '..x/f')).rejects.toThrow('outside');
  });
});

describe('commands', () => {
  test('give output, errors and exit code', async () => {
    expect(await runCommand(folder, 'echo out; echo err >&2; exit 3', never())).toMatch(
      /out[\s\S]*err[\s\S]*\[exit code 3\]/,
    );
  });

  test('are ended with everything below them on abort', async () => {
    const controller = new AbortController();
    const running = runCommand(folder, '(sleep 301 & wait); touch never', controller.signal);
    running.catch(() => undefined);
    const sleeping = () =>
      readdirSync('/proc').some(
        (pid) => /^\d+$/.test(pid) && commandLine(pid).includes('sleep\x00301') && workFolder(pid),
      );
    await vi.waitFor(() => expect(sleeping()).toBe(true), { timeout: 60_000 });
    controller.abort();
    await expect(running).rejects.toThrow();
    await vi.waitFor(() => expect(sleeping()).toBe(false), { timeout: 60_000 });
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  test('are ended at their time limit and say so', async () => {
    expect(await runCommand(folder, 'echo begun; sleep 300', never(), 200)).toContain('begun\n\n[ended after 200 ms]');
  });

  test('keep beginning and end of a long output', async () => {
    const output = await runCommand(folder, 'echo FIRST; head -c 3000000 /dev/zero | tr "\\0" x; echo LAST', never());
    expect(output.length).toBeLessThan(50_000);
    expect(output).toContain('FIRST');
    expect(output).toContain('LAST');
  });
});

test('bounded text keeps short texts as they are', () => {
  expect(boundedText('short', 10)).toBe('short');
  expect(boundedText('x'.repeat(100), 10)).toMatch(/^x{7}\n\[… 90 characters left out …\]\nx{3}$/);
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Whether the process is one of this test: its working folder is ours. */
function workFolder(pid: string): boolean {
  try {
    return (
      readdirSync(`/proc/${pid}/cwd/`) !== null &&
      readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`PWD=${folder}`)
    );
  } catch {
    return false;
  }
}
