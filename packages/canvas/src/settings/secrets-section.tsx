import { KeyIcon, PlusIcon } from '@primer/octicons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { SecretInfo } from '../api/wire.generated.ts';
import { secretsQuery } from '../data/org-queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Loading } from '../design/loading.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { Tag } from '../design/tag.tsx';
import { Ago } from '../design/time.tsx';
import { SetSecretDialog } from './set-secret.tsx';

/** Names of what is kept secret for the org. A value goes in and never comes out. */
export function SecretsSection() {
  const secrets = useQuery(secretsQuery);
  const [setting, setSetting] = useState<SecretInfo | 'new' | null>(null);
  return (
    <Section
      title="Secrets"
      hint="Values can be set and replaced, and are shown to nobody. Each goes only to the workspaces it was granted to."
      action={
        <Button look="solid" icon={<PlusIcon size={14} />} onClick={() => setSetting('new')}>
          New secret
        </Button>
      }
    >
      {secrets.error !== null && (
        <ProblemNotice
          error={secrets.error}
          action={<Button onClick={() => void secrets.refetch()}>Try again</Button>}
        />
      )}
      {secrets.isPending && <Loading />}
      {secrets.data !== undefined && secrets.data.length === 0 && (
        <Empty icon={<KeyIcon size={20} />} title="No secrets of the org">
          A provider's key stays on the server and is used by the model gateway; any other becomes a variable in the
          boxes it is granted to.
        </Empty>
      )}
      {secrets.data !== undefined && secrets.data.length > 0 && (
        <ul className="hairline divide-y divide-line rounded-lg">
          {secrets.data.map((secret) => (
            <SecretRow key={secret.id} secret={secret} onReplace={() => setSetting(secret)} />
          ))}
        </ul>
      )}
      {setting !== null && (
        <SetSecretDialog known={setting === 'new' ? null : setting} onClose={() => setSetting(null)} />
      )}
    </Section>
  );
}

function SecretRow({ secret, onReplace }: { readonly secret: SecretInfo; readonly onReplace: () => void }) {
  const { members, concierge } = useOrg();
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => call('DELETE /api/v1/secrets/{name}', { path: { name: secret.name } }),
    onSuccess: (_reply, _input, _before, { client }) =>
      void client.invalidateQueries({ queryKey: secretsQuery.queryKey }),
  });
  const names = secret.grants.map(
    (id) =>
      (id === concierge?.id ? concierge.name : members.find((each) => each.id === id)?.name) ?? 'a removed workspace',
  );
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <div className="min-w-48 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-xs font-medium break-all">{secret.name}</span>
          <Tag {...(secret.use === 'gateway' ? { title: 'Used on the server alone; no box gets it.' } : {})}>
            {secret.use === 'gateway' ? 'Model gateway' : 'Boxes'}
          </Tag>
          {secret.origin === 'platform' && <Tag>Set by the platform</Tag>}
        </p>
        <p className="text-xs text-ink-2">
          version {secret.version}, set <Ago at={secret.updatedAt} />
          {secret.use === 'box' && (
            <>
              ;{' '}
              {names.length === 0
                ? 'granted to nobody'
                : `for ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`}
            </>
          )}
        </p>
      </div>
      {sure ? (
        <>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
          <Button look="quiet" onClick={() => setSure(false)}>
            Keep
          </Button>
        </>
      ) : (
        <>
          <Button aria-label={`Replace ${secret.name}`} onClick={onReplace}>
            Replace
          </Button>
          <Button look="quiet" aria-label={`Remove ${secret.name}`} onClick={() => setSure(true)}>
            Remove
          </Button>
        </>
      )}
      {remove.error !== null && <ProblemNotice error={remove.error} className="w-full" />}
    </li>
  );
}
