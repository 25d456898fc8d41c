import { PlusIcon, XIcon } from '@primer/octicons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { PluginAllowlist, Routes } from '../api/wire.generated.ts';
import { allowlistQuery, inboxQuery } from '../data/org-queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button, IconButton } from '../design/button.tsx';
import { Choice, Field, TextInput } from '../design/field.tsx';
import { Loading } from '../design/loading.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';

type AllowlistLine = NonNullable<Routes['PUT /api/v1/plugins/allowlist']['body']['entries']>[number];

const KINDS = { publisher: 'Publisher', source: 'Source', digest: 'Digest' } as const;
type Kind = keyof typeof KINDS;
const EXAMPLES: Readonly<Record<Kind, string>> = {
  publisher: 'github:acme',
  source: 'npm:@acme/weather',
  digest: 'sha256:…',
};

/** Where plugins may come from. Every change carries what was seen, so the second of two editors is told. */
export function AllowlistSection() {
  const allowlist = useQuery(allowlistQuery);
  const set = useMutation({
    mutationFn: (entries: readonly AllowlistLine[] | null) =>
      call('PUT /api/v1/plugins/allowlist', {
        body: { entries: entries === null ? null : [...entries], seen: allowlist.data?.entries ?? null },
      }),
    onSuccess: (fresh, _input, _before, { client }) => {
      client.setQueryData(allowlistQuery.queryKey, fresh);
      void client.invalidateQueries({ queryKey: inboxQuery.queryKey });
    },
    onError: (_error, _input, _before, { client }) =>
      void client.invalidateQueries({ queryKey: allowlistQuery.queryKey }),
  });
  const entries = allowlist.data?.entries ?? null;
  return (
    <Section
      title="Plugin allowlist"
      hint="What may be installed in this org. Without a list everything may; an empty list permits nothing."
      {...(allowlist.data === undefined
        ? {}
        : {
            action:
              entries === null ? (
                <Button busy={set.isPending} onClick={() => set.mutate([{ publisher: 'builtin' }])}>
                  Restrict
                </Button>
              ) : (
                <Button look="quiet" busy={set.isPending} onClick={() => set.mutate(null)}>
                  Lift the restriction
                </Button>
              ),
          })}
    >
      {allowlist.error !== null && (
        <ProblemNotice
          error={allowlist.error}
          action={<Button onClick={() => void allowlist.refetch()}>Try again</Button>}
        />
      )}
      {allowlist.isPending && <Loading />}
      {allowlist.data !== undefined && entries === null && (
        <p className="text-ink-2">Nothing is restricted. "Restrict" begins with what this installation brings along.</p>
      )}
      {entries !== null && (
        <>
          <ul aria-label="Permitted" className="hairline divide-y divide-line rounded-lg">
            {entries.length === 0 && <li className="px-4 py-2.5 text-ink-2">Nothing is permitted.</li>}
            {entries.map((entry) => {
              const { kind, text } = partsOf(entry);
              return (
                <li key={entry} className="flex min-h-10 items-center gap-3 px-4 py-1">
                  <span className="w-20 shrink-0 text-ink-2">{KINDS[kind]}</span>
                  <span className="min-w-0 flex-1 font-mono text-xs break-all">{plainText(text)}</span>
                  <IconButton
                    label={`Remove ${text}`}
                    disabled={set.isPending}
                    onClick={() => set.mutate(entries.filter((each) => each !== entry).map(lineOf))}
                  >
                    <XIcon size={14} />
                  </IconButton>
                </li>
              );
            })}
          </ul>
          <AddEntry busy={set.isPending} onAdd={(line) => set.mutateAsync([...entries.map(lineOf), line])} />
        </>
      )}
      {set.error !== null && <ProblemNotice error={set.error} className="mt-3" />}
      {allowlist.data !== undefined && <Findings list={allowlist.data} />}
    </Section>
  );
}

function AddEntry({
  busy,
  onAdd,
}: {
  readonly busy: boolean;
  readonly onAdd: (line: AllowlistLine) => Promise<unknown>;
}) {
  const [kind, setKind] = useState<Kind>('publisher');
  const [text, setText] = useState('');
  return (
    <form
      aria-label="Permit more"
      className="mt-3 flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        // A refusal is shown by the section; what was typed stays.
        void onAdd(lineFrom(kind, text.trim())).then(
          () => setText(''),
          () => {},
        );
      }}
    >
      <div className="w-32">
        <Field label="Kind">
          <Choice
            value={kind}
            onChange={(event) =>
              setKind(
                event.target.value === 'source' ? 'source' : event.target.value === 'digest' ? 'digest' : 'publisher',
              )
            }
          >
            {Object.entries(KINDS).map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </Choice>
        </Field>
      </div>
      <div className="min-w-48 flex-1">
        <Field label="Permit">
          <TextInput
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={EXAMPLES[kind]}
            className="font-mono"
          />
        </Field>
      </div>
      <Button type="submit" className="h-9" busy={busy} disabled={text.trim() === ''} icon={<PlusIcon size={14} />}>
        Permit
      </Button>
    </form>
  );
}

/** What is installed against the list, and where tighter lists hold. */
function Findings({ list }: { readonly list: PluginAllowlist }) {
  const { members } = useOrg();
  const nameOf = (id: string): string => members.find((each) => each.id === id)?.name ?? id;
  return (
    <>
      {list.violations.length > 0 && (
        <div className="mt-4 rounded-lg bg-amber-soft px-4 py-3">
          <p className="font-medium">Installed against the list</p>
          <ul className="mt-1 space-y-0.5">
            {list.violations.map((each) => (
              <li key={`${each.workspaceId} ${each.plugin}`}>
                <bdi>{nameOf(each.workspaceId)}</bdi>: {plainText(each.plugin)}{' '}
                <span className="font-mono text-2xs text-ink-2">{plainText(each.source)}</span>
              </li>
            ))}
          </ul>
          <p className="mt-1 text-xs text-ink-2">They go on until they are uninstalled.</p>
        </div>
      )}
      {list.workspaces.length > 0 && (
        <p className="mt-3 text-xs text-ink-2">
          Tighter lists hold below {list.workspaces.map(({ workspaceId }) => nameOf(workspaceId)).join(', ')}.
        </p>
      )}
    </>
  );
}

function partsOf(entry: string): { readonly kind: Kind; readonly text: string } {
  const at = entry.indexOf('=');
  const kind = entry.slice(0, at);
  return { kind: kind === 'source' ? 'source' : kind === 'digest' ? 'digest' : 'publisher', text: entry.slice(at + 1) };
}

function lineOf(entry: string): AllowlistLine {
  const { kind, text } = partsOf(entry);
  return lineFrom(kind, text);
}

function lineFrom(kind: Kind, text: string): AllowlistLine {
  return kind === 'source' ? { source: text } : kind === 'digest' ? { digest: text } : { publisher: text };
}
