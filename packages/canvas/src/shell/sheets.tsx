import { lazy, Suspense } from 'react';
import { useStore } from '../live/store.ts';
import { moving } from '../org/moving.ts';
import { sheet } from './layout-state.ts';

const Palette = lazy(() => import('./command-palette.tsx').then((module) => ({ default: module.CommandPalette })));
const Help = lazy(() => import('./help-sheet.tsx').then((module) => ({ default: module.HelpSheet })));
const Create = lazy(() =>
  import('../org/create-workspace.tsx').then((module) => ({ default: module.CreateWorkspaceDialog })),
);
const Move = lazy(() => import('../org/move-dialog.tsx').then((module) => ({ default: module.MoveDialog })));

export function Sheets() {
  const open = useStore(sheet);
  const move = useStore(moving);
  const close = (): void => sheet.set('none');
  return (
    <Suspense fallback={null}>
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'help' && <Help onClose={close} />}
      {move !== null && <Move key={move.id} move={move} onClose={() => moving.set(null)} />}
      {open === 'create' && <Create onClose={close} />}
    </Suspense>
  );
}
