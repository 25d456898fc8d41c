import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { asProblem } from '../api/problem.ts';
import { sessionQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { Spinner } from '../design/spinner.tsx';
import { startLive } from '../live/live.ts';
import { AppShell } from './app-shell.tsx';
import { SignIn } from './sign-in.tsx';

/** Nobody signed in: the way in. Somebody: the app, with its one line to the server. */
export function App() {
  const session = useQuery({ ...sessionQuery, enabled: mayHaveSession() });
  const signedIn = session.data !== undefined;
  useEffect(() => {
    if (signedIn) startLive();
  }, [signedIn]);
  if (signedIn) return <AppShell />;
  if (!mayHaveSession()) return <SignIn />;
  if (session.isPending)
    return (
      <Centre>
        <Spinner size={18} />
        <span className="sr-only">Loading</span>
      </Centre>
    );
  const problem = asProblem(session.error);
  if (problem.status === 401) return <SignIn />;
  return (
    <Centre>
      <div className="max-w-sm px-6 text-center">
        <h1 className="text-lg font-semibold">{problem.message}</h1>
        <p className="mt-1 text-sm text-ink-2">
          {problem.code === 'unreachable' ? 'Start it with ./molecule up, then try again.' : problem.hint}
        </p>
        <Button look="solid" className="mt-4" onClick={() => void session.refetch()} busy={session.isFetching}>
          Try again
        </Button>
      </div>
    </Centre>
  );
}

/** The cookie that goes with every session and that a page may read. Without it there is nothing to ask the server. */
function mayHaveSession(): boolean {
  return document.cookie.includes('molecule_csrf=');
}

function Centre({ children }: { readonly children: React.ReactNode }) {
  return <main className="flex h-full items-center justify-center text-ink-2">{children}</main>;
}
