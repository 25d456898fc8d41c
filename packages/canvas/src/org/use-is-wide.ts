import { useSyncExternalStore } from 'react';

const query = window.matchMedia('(min-width: 760px)');

/** True where there is room for a map. */
export function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => query.matches,
  );
}
