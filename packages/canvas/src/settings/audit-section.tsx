import { CheckIcon, ShieldCheckIcon, XIcon } from '@primer/octicons-react';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { AuditEntry, AuditVerdict } from '../api/wire.generated.ts';
import { auditQuery, membersQuery } from '../data/org-queries.ts';
import { tokensQuery } from '../data/queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy-button.tsx';
import { Loading } from '../design/loading.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { Ago } from '../design/time.tsx';

/** What was done, by whom, and the proof that nothing of it was changed. */
export function AuditSection() {
  const audit = useInfiniteQuery(auditQuery);
  const verify = useMutation({ mutationFn: () => call('POST /api/v1/audit/verify', { body: {} }) });
  const entries = (audit.data?.pages ?? []).flatMap((page) => page.items);
  const nameOf = useNames();
  return (
    <Section
      title="Audit log"
      hint="Every deed, newest first. Entries are only added; each seals the one before it."
      action={
        <Button icon={<ShieldCheckIcon size={14} />} busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify
        </Button>
      }
    >
      {verify.data !== undefined && <Verdict verdict={verify.data} />}
      {verify.error !== null && <ProblemNotice error={verify.error} className="mb-3" />}
      {audit.error !== null && (
        <ProblemNotice error={audit.error} action={<Button onClick={() => void audit.refetch()}>Try again</Button>} />
      )}
      {audit.isPending && <Loading />}
      {entries.length > 0 && (
        <ol className="hairline divide-y divide-line rounded-lg">
          {entries.map((entry) => (
            <Entry key={entry.seq} entry={entry} nameOf={nameOf} />
          ))}
        </ol>
      )}
      {audit.hasNextPage && (
        <div className="mt-3 flex justify-center">
          <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            Older entries
          </Button>
        </div>
      )}
    </Section>
  );
}

function Verdict({ verdict }: { readonly verdict: AuditVerdict }) {
  const { whole, entries, brokenAt, head } = verdict;
  return (
    <div
      role="status"
      className={`mb-3 flex gap-2.5 rounded-md px-3 py-2.5 ${whole ? 'bg-green-soft' : 'bg-red-soft'}`}
    >
      <span className={`mt-0.5 ${whole ? 'text-green' : 'text-red'}`}>
        {whole ? <CheckIcon size={14} /> : <XIcon size={14} />}
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {whole
            ? `Whole: ${entries} entries, each follows from the one before it.`
            : `Entry ${brokenAt} does not follow from the one before it; ${entries} before it are whole.`}
        </p>
        {whole && head !== null && (
          <p className="flex items-center gap-1 font-mono text-2xs break-all text-ink-2">
            {head.seq}:{head.hash}
            <CopyButton text={`${head.seq}:${head.hash}`} label="Copy the newest seal" className="size-6" />
          </p>
        )}
        {whole && (
          <p className="text-xs text-ink-2">
            Keep this seal elsewhere; <span className="font-mono">molecule audit verify --witness</span> then also tells
            a log whose end was cut off.
          </p>
        )}
      </div>
    </div>
  );
}

function Entry({ entry, nameOf }: { readonly entry: AuditEntry; readonly nameOf: (ref: string) => string }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="[contain-intrinsic-size:auto_37px] [content-visibility:auto]">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-9 w-full items-baseline gap-x-3 px-4 py-1.5 text-left hover:bg-hover"
      >
        <span className="tabular w-9 shrink-0 text-right text-xs text-ink-3">{entry.seq}</span>
        <span className="font-medium">{plainText(entry.action)}</span>
        <span className="min-w-0 flex-1 truncate text-ink-2">
          {entry.target === null ? '' : plainText(labelOf(entry, nameOf))}
        </span>
        <span className="text-xs text-ink-2 max-md:hidden">{plainText(nameOf(entry.actor))}</span>
        <Ago at={entry.at} className="w-24 shrink-0 text-right text-xs text-ink-2 max-md:w-16" />
      </button>
      {open && (
        <div className="border-t bg-sunken px-4 py-2.5 text-xs">
          <pre className="font-mono text-2xs break-words whitespace-pre-wrap">
            {plainText(JSON.stringify({ actor: entry.actor, target: entry.target, ...entry.data }, null, 2))}
          </pre>
          <p className="mt-1.5 font-mono text-2xs break-all text-ink-2">seal {entry.hash}</p>
        </div>
      )}
    </li>
  );
}

function labelOf({ target, data }: AuditEntry, nameOf: (ref: string) => string): string {
  const name = data['name'] ?? data['plugin'];
  return typeof name === 'string' ? name : nameOf(target ?? '');
}

/** Names for the ids that the log keeps; an id that nobody knows any more stays as it is. */
function useNames(): (ref: string) => string {
  const { members, concierge } = useOrg();
  const people = useQuery(membersQuery).data ?? [];
  const tokens = useQuery(tokensQuery).data ?? [];
  const names = new Map(
    [...members, ...(concierge === undefined ? [] : [concierge]), ...people, ...tokens].map((each) => [
      each.id as string,
      each.name,
    ]),
  );
  return (ref) => {
    const id = ref.slice(ref.indexOf(':') + 1);
    return names.get(id) ?? (ref === 'system' ? 'Molecule' : ref.length > 20 ? `${ref.slice(0, 18)}…` : ref);
  };
}
