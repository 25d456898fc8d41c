import { Spinner } from './spinner.tsx';

/** What stands where an answer is on its way. */
export function Loading() {
  return (
    <div role="status" className="flex justify-center py-6 text-ink-3">
      <Spinner size={18} />
      <span className="sr-only">Loading</span>
    </div>
  );
}
