import type { BoxProcess as AdapterProcess } from '@molecule/adapters';
import type { BoxProcess } from '@molecule/backends';

const STDERR_TAIL_CHARACTERS = 8_192;

/** A process of the backend in the form that adapters work with. */
export function asBoxProcess(process: BoxProcess): AdapterProcess {
  let tail = '';
  async function* lines(): AsyncGenerator<{ text: string; truncated: boolean }> {
    for await (const event of process.output) {
      const text = event.type === 'line' ? event.text : event.beginning;
      if (event.stream === 'stdout') yield { text, truncated: event.type === 'oversized' };
      else tail = `${tail}${text}\n`.slice(-STDERR_TAIL_CHARACTERS);
    }
  }
  return {
    pid: process.pid,
    lines: lines(),
    stderrTail: () => tail,
    write: async (text) => {
      if (!(await process.write(text))) throw new Error('the process takes no more input');
    },
    closeStdin: () => process.closeInput(),
    exited: process.exited,
    end: async (graceMs) => {
      await process.end({ graceMs });
    },
  };
}
