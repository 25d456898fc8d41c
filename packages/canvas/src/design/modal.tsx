import { Dialog } from '@base-ui/react/dialog';
import { XIcon } from '@primer/octicons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { IconButton } from './button.tsx';
import { classes } from './classes.ts';

export interface ModalProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly hideTitle?: boolean;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

/** A dialog: focus stays inside and goes back to where it came from; Escape closes. On a phone it fills the lower part of the screen. */
export function Modal({ open, onClose, title, hideTitle = false, children, wide = false }: ModalProps) {
  const popup = useRef<HTMLDivElement>(null);
  // Read before a field of the dialog takes the focus for itself, which is earlier than the library looks.
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
      });
    },
    [opener],
  );
  // Where a step gives way to the next, or a button is at work, what had the focus is gone: it stays in the dialog.
  useEffect(() => {
    if (open && document.activeElement === document.body) popup.current?.focus();
  });
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Dialog.Popup
          ref={popup}
          className={classes(
            'hairline fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-lg bg-raised shadow-pop transition-[opacity,translate] duration-150 outline-none data-[ending-style]:opacity-0 data-[starting-style]:translate-y-1 data-[starting-style]:opacity-0',
            'max-md:inset-x-0 max-md:top-auto max-md:bottom-0 max-md:max-h-[92dvh] max-md:w-full max-md:translate-x-0 max-md:rounded-b-none',
            wide ? 'max-w-2xl' : 'max-w-md',
          )}
        >
          <div className={hideTitle ? 'sr-only' : 'flex items-center justify-between gap-4 px-5 pt-4 pb-1'}>
            <Dialog.Title className="text-lg font-semibold tracking-tight">{title}</Dialog.Title>
            {!hideTitle && (
              <Dialog.Close render={<IconButton label="Close" className="-mr-2" />}>
                <XIcon size={16} />
              </Dialog.Close>
            )}
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
