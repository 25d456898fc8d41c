#!/usr/bin/env node
import { answerSettledRender } from './commands/plugin/settled-render.ts';

// Exit codes: 0 ok, 1 failed, 2 wrong usage.
if (!answerSettledRender(process.argv)) {
  const { runProgram } = await import('./run-program.ts');
  await runProgram(process.argv);
}
