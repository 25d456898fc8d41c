import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longest, and begin first: one that is begun last keeps the other processor waiting. Vitest itself goes by the size of files where it knows no
 * times, and some of the longest are a few lines. Beginnings of paths; what is not named comes after, in vitest's own order.
 */
export const LONG_FILES: readonly string[] = [
  'packages/adapters/test/conformance/opencode',
  'packages/adapters/test/conformance/qwen-code',
  'packages/adapters/test/conformance/gemini-cli',
  'packages/adapters/test/conformance/copilot-cli',
  'packages/control-plane/test/plugins/entitlement-routes',
  'packages/cli/test/commands',
  'packages/control-plane/test/gateway/truth',
  'packages/adapters/test/conformance/',
  'tests/e2e/plugins',
  'tests/e2e/checkout-benches',
  'tests/e2e/runtimes',
  'tests/e2e/demo',
  'tests/e2e/channel-benches',
  'tests/e2e/benches',
];

/** Place of a file in the order: smaller begins earlier. */
export function rankOf(path: string): number {
  const at = LONG_FILES.findIndex((beginning) => path.startsWith(beginning));
  return at === -1 ? LONG_FILES.length : at;
}

export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    const rank = ({ moduleId }: TestSpecification): number => rankOf(moduleId.slice(this.ctx.config.root.length + 1));
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}
