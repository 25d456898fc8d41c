import { Modal } from '../design/modal.tsx';
import { SHORTCUTS } from './use-shortcuts.ts';

export function HelpSheet({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal open onClose={onClose} title="Keyboard">
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2 overflow-y-auto px-5 pt-2 pb-5">
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1">
              {keys.split(' ').map((key) =>
                key === '/' && keys !== '/' ? (
                  <span key={key} className="text-ink-3">
                    /
                  </span>
                ) : (
                  <kbd
                    key={key}
                    className="hairline min-w-6 rounded-sm bg-sunken px-1.5 text-center font-mono text-2xs leading-5"
                  >
                    {key}
                  </kbd>
                ),
              )}
            </dt>
            <dd className="text-ink-2">{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
