import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { sheet, toggleColumn } from './layout-state.ts';

/** After `g` the next key within this time names a place. */
const CHORD_MS = 900;

export const SHORTCUTS = [
  { keys: 'Ctrl K', does: 'Search and commands' },
  { keys: '?', does: 'This help' },
  { keys: 'c', does: 'Create a workspace' },
  { keys: '/', does: 'Write to the concierge' },
  { keys: '\\', does: 'Show or hide the concierge beside a workspace' },
  { keys: 'g h', does: 'Go home' },
  { keys: 'g o', does: 'Go to the org' },
  { keys: 'g i', does: 'Go to the inbox' },
  { keys: 'g a', does: 'Go to the activity' },
  { keys: 'g s', does: 'Go to the settings' },
  { keys: '↑ ↓ ← →', does: 'On the map: move between workspaces' },
  { keys: 'Enter', does: 'On the map: open the workspace' },
  { keys: 'Space', does: 'On the map: fold or unfold what is below' },
  { keys: 'm', does: 'On the map: move the workspace below another' },
  { keys: '+ − 0', does: 'On the map: closer, further, all' },
  { keys: 'Enter / Shift Enter', does: 'In a message: send / new line' },
] as const;

export function useShortcuts(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        sheet.set(sheet.get() === 'palette' ? 'none' : 'palette');
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || sheet.get() !== 'none') return;
      if (Date.now() < chordUntil) {
        chordUntil = 0;
        const to = ({ h: '/', o: '/org', i: '/inbox', a: '/activity', s: '/settings' } as const)[event.key];
        if (to !== undefined) void navigate({ to });
        return;
      }
      switch (event.key) {
        case 'g':
          chordUntil = Date.now() + CHORD_MS;
          return;
        case '?':
          sheet.set('help');
          return;
        case 'c':
          event.preventDefault();
          sheet.set('create');
          return;
        case '\\':
          toggleColumn();
          return;
        case '/':
          event.preventDefault();
          void navigate({ to: '/' }).then(() => document.querySelector<HTMLTextAreaElement>('aside textarea')?.focus());
          return;
        default:
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
