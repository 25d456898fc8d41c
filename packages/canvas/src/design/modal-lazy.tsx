import { lazy, Suspense } from 'react';
import type { ModalProps } from './modal.tsx';

const Loaded = lazy(() => import('./modal.tsx').then((module) => ({ default: module.Modal })));

/** The dialog, loaded when the first one opens: the first paint does not pay for it. */
export function Modal(props: ModalProps) {
  return (
    <Suspense fallback={null}>
      <Loaded {...props} />
    </Suspense>
  );
}
