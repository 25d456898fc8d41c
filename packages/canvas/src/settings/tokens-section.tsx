import { PlusIcon } from '@primer/octicons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { Token } from '../api/wire.generated.ts';
import { tokensQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { Tag } from '../design/tag.tsx';
import { Ago } from '../design/time.tsx';
import { serverNow } from '../live/server-clock.ts';
import { CreateTokenDialog } from './create-token.tsx';

const KIND: Readonly<Record<Token['kind'], string>> = {
  owner: 'Owner',
  person: 'Access',
  box: 'Box',
  management: 'Management',
  host: 'Box host',
  enrolment: 'Enrolment',
  session: 'Session',
  sign_in: 'Sign-in link',
};

/** Who holds a key to the org. */
export function TokensSection() {
  const tokens = useQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  const [machines, setMachines] = useState(false);
  const open = (tokens.data ?? []).filter(
    (each) => each.revokedAt === null && (each.expiresAt === null || Date.parse(each.expiresAt) > serverNow()),
  );
  const shown = open
    .filter((each) => machines || each.kind === 'person' || each.kind === 'owner' || each.kind === 'session')
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  return (
    <Section
      title="Tokens"
      hint="Keys to this org. A value is shown once, when it is made."
      action={
        <Button look="solid" icon={<PlusIcon size={14} />} onClick={() => setCreating(true)}>
          New token
        </Button>
      }
    >
      {tokens.error !== null && <ProblemNotice error={tokens.error} />}
      <ul className="hairline divide-y divide-line rounded-lg">
        {shown.map((token) => (
          <TokenRow key={token.id} token={token} />
        ))}
      </ul>
      <label className="mt-2 flex items-center gap-2 text-xs text-ink-2">
        <input
          type="checkbox"
          className="accent-blue"
          checked={machines}
          onChange={(event) => setMachines(event.target.checked)}
        />
        Show those of boxes and hosts (
        {open.length -
          open.filter((each) => each.kind === 'person' || each.kind === 'owner' || each.kind === 'session').length}
        )
      </label>
      {creating && <CreateTokenDialog onClose={() => setCreating(false)} />}
    </Section>
  );
}

function TokenRow({ token }: { readonly token: Token }) {
  const [sure, setSure] = useState(false);
  const revoke = useMutation({ mutationFn: () => call('DELETE /api/v1/tokens/{id}', { path: { id: token.id } }) });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-40 flex-1">
        <p className="flex items-center gap-2">
          <span className="font-medium break-words">{plainText(token.name)}</span>
          <Tag>{KIND[token.kind]}</Tag>
        </p>
        <p className="font-mono text-2xs text-ink-2">{token.preview}</p>
      </div>
      <p className="text-xs text-ink-2">
        {token.lastUsedAt === null ? (
          'never used'
        ) : (
          <>
            used <Ago at={token.lastUsedAt} />
          </>
        )}
        {token.expiresAt !== null && `, until ${new Date(token.expiresAt).toLocaleDateString()}`}
      </p>
      {(token.kind === 'person' || token.kind === 'session') &&
        (sure ? (
          <>
            <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
              Revoke
            </Button>
            <Button look="quiet" onClick={() => setSure(false)}>
              Keep
            </Button>
          </>
        ) : (
          <Button aria-label={`Revoke ${token.name}`} onClick={() => setSure(true)}>
            Revoke
          </Button>
        ))}
      {revoke.error !== null && <ProblemNotice error={revoke.error} className="w-full" />}
    </li>
  );
}
