import { SignInIcon } from '@primer/octicons-react';
import { useState } from 'react';
import { Button } from '../design/button.tsx';
import { Field, TextInput } from '../design/field.tsx';
import { Logo } from './logo.tsx';

/** The way in: a one-time link. It can be opened as it is, or pasted here. */
export function SignIn() {
  const [link, setLink] = useState('');
  const used = new URLSearchParams(location.search).get('link') === 'used';
  const token = tokenOf(link);
  return (
    <main className="flex h-full items-center justify-center p-6">
      <form
        className="w-full max-w-sm"
        onSubmit={(event) => {
          event.preventDefault();
          if (token !== null) location.assign(`/sign-in?token=${encodeURIComponent(token)}`);
        }}
      >
        <Logo size={40} />
        <h1 className="mt-5 text-xl font-semibold tracking-tight">Sign in to Molecule</h1>
        <p className="mt-1.5 text-base text-ink-2">
          {used
            ? 'That link was used before or has expired; each works once. '
            : 'Open the sign-in link that was printed when Molecule started. '}
          For a new one, run this on the machine it runs on:
        </p>
        <pre className="hairline mt-3 rounded-md bg-surface px-3 py-2 font-mono text-xs">./molecule token sign-in</pre>
        <div className="mt-5">
          <Field label="Or paste the link here">
            <TextInput
              value={link}
              onChange={(event) => setLink(event.target.value)}
              autoFocus
              aria-invalid={link !== '' && token === null}
            />
          </Field>
        </div>
        {link !== '' && token === null && (
          <p role="alert" className="mt-1 text-xs text-red">
            This is not a sign-in link.
          </p>
        )}
        <Button
          type="submit"
          look="solid"
          className="mt-3 w-full"
          disabled={token === null}
          icon={<SignInIcon size={14} />}
        >
          Sign in
        </Button>
      </form>
    </main>
  );
}

/** The one-time token of a pasted link, or the token itself. */
function tokenOf(text: string): string | null {
  const found = /(?:[?&]token=)?(mol_sgn_[\w-]{20,})\s*$/.exec(text.trim());
  return found?.[1] ?? null;
}
