import { CloudOfflineIcon, SyncIcon } from '@primer/octicons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from '../design/button.tsx';
import { connection, serverUpgraded } from '../live/connection.ts';
import { retryNow } from '../live/live.ts';
import { useStore } from '../live/store.ts';

/** A hiccup shorter than this is not worth a word. */
const PATIENCE_MS = 1200;

/** Says what stands between the page and the truth, and what to do. */
export function ConnectionNotice() {
  const { line, since } = useStore(connection);
  const upgraded = useStore(serverUpgraded);
  const lost = (line === 'lost' || line === 'offline') && since !== null;
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!lost) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [lost]);

  if (lost && late) {
    return (
      <Bar icon={<CloudOfflineIcon size={16} />} action={<Button onClick={retryNow}>Try now</Button>}>
        {line === 'offline' ? 'This machine is offline.' : 'Molecule does not answer; trying again.'} What you see is
        from {new Date(since).toLocaleTimeString()}. What you send is kept and goes out by itself.
      </Bar>
    );
  }
  if (upgraded) {
    return (
      <Bar icon={<SyncIcon size={16} />} action={<Button onClick={() => location.reload()}>Reload</Button>}>
        Molecule was upgraded. Reload to get the new page; what you have typed stays.
      </Bar>
    );
  }
  return null;
}

function Bar({
  icon,
  children,
  action,
}: {
  readonly icon: ReactNode;
  readonly children: ReactNode;
  readonly action: ReactNode;
}) {
  return (
    <div
      role="status"
      className="animate-rise flex shrink-0 items-center gap-3 border-b bg-amber-soft px-4 py-1.5 text-sm text-ink"
    >
      <span className="text-amber">{icon}</span>
      <p className="min-w-0 flex-1">{children}</p>
      {action}
    </div>
  );
}
