import { createStore } from '../live/store.ts';

export type Theme = 'system' | 'light' | 'dark';

const THEME = 'molecule.theme';
const COLUMN = 'molecule.column';

export const theme = createStore<Theme>(readTheme());
/** Whether the concierge stands beside a workspace on wide screens. */
export const columnOpen = createStore(read(COLUMN) !== 'closed');
/** Which of the sheets is open. */
export const sheet = createStore<'none' | 'palette' | 'help' | 'create'>('none');

export function chooseTheme(next: Theme): void {
  theme.set(next);
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  write(THEME, next);
}

export function toggleColumn(): void {
  columnOpen.set(!columnOpen.get());
  write(COLUMN, columnOpen.get() ? 'open' : 'closed');
}

function readTheme(): Theme {
  const stored = read(THEME);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
}
