import { useEffect, useState } from 'react';
import { Button } from '../design/button.tsx';
import { Modal } from '../design/modal-lazy.tsx';
import { sessionEnded } from '../live/connection.ts';
import { resumeSession } from '../live/live.ts';
import { useStore } from '../live/store.ts';

/** The session is over, the page is not: everything stays where it is until the person has signed in again. */
export function SessionEnded() {
  const ended = useStore(sessionEnded);
  const [tried, setTried] = useState(false);
  useEffect(() => {
    if (!ended) return;
    setTried(false);
    const look = (): void => void (!document.hidden && resumeSession());
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [ended]);
  if (!ended) return null;
  return (
    <Modal open onClose={() => sessionEnded.set(false)} title="Your session has ended">
      <div className="px-5 pt-1 pb-5 text-base text-ink-2">
        <p>Nothing you typed is lost. Open a new sign-in link in another tab, then come back here:</p>
        <pre className="hairline mt-3 rounded-md bg-sunken px-3 py-2 font-mono text-xs text-ink">
          ./molecule token sign-in
        </pre>
        {tried && (
          <p role="alert" className="mt-3 text-sm text-red">
            There is no new session yet.
          </p>
        )}
        <div className="mt-4 flex justify-end">
          <Button look="solid" onClick={() => void resumeSession().then((done) => setTried(!done))}>
            I have signed in
          </Button>
        </div>
      </div>
    </Modal>
  );
}
