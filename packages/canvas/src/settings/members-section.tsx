import { useMutation, useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { Member } from '../api/wire.generated.ts';
import { membersQuery } from '../data/org-queries.ts';
import { sessionQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { Loading } from '../design/loading.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { Tag } from '../design/tag.tsx';
import { Ago } from '../design/time.tsx';

/** Who belongs to the org, where they are signed in, and the way out. */
export function MembersSection() {
  const members = useQuery(membersQuery);
  const me = useQuery(sessionQuery).data?.userId ?? null;
  const signOut = useMutation({
    mutationFn: (everywhere: boolean) => call('POST /api/v1/session/sign-out', { body: { everywhere } }),
    onSuccess: () => location.assign('/'),
  });
  return (
    <>
      <Section title="Members" hint="People of this org and the browsers in which they are signed in.">
        {members.error !== null && (
          <ProblemNotice
            error={members.error}
            action={<Button onClick={() => void members.refetch()}>Try again</Button>}
          />
        )}
        {members.isPending && <Loading />}
        <ul className="space-y-3">
          {(members.data ?? []).map((member) => (
            <MemberRow key={member.id} member={member} own={member.id === me} />
          ))}
        </ul>
      </Section>
      <Section title="Your session" hint="Another browser gets in by a new one-time link: ./molecule token sign-in">
        <div className="flex flex-wrap gap-2">
          <Button busy={signOut.isPending && !signOut.variables} onClick={() => signOut.mutate(false)}>
            Sign out
          </Button>
          <Button busy={signOut.isPending && signOut.variables} onClick={() => signOut.mutate(true)}>
            Sign out everywhere
          </Button>
        </div>
        {signOut.error !== null && <ProblemNotice error={signOut.error} className="mt-3" />}
      </Section>
    </>
  );
}

function MemberRow({ member, own }: { readonly member: Member; readonly own: boolean }) {
  return (
    <li className="hairline rounded-lg">
      <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
        <span className="font-medium">{plainText(member.name)}</span>
        <Tag>{member.role}</Tag>
        {own && <Tag tone="blue">You</Tag>}
        <span className="ml-auto text-xs text-ink-2">since {new Date(member.createdAt).toLocaleDateString()}</span>
      </div>
      {member.sessions.length === 0 ? (
        <p className="border-t px-4 py-2 text-xs text-ink-2">Not signed in anywhere.</p>
      ) : (
        <ul className="divide-y divide-line border-t">
          {member.sessions.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
    </li>
  );
}

function SessionRow({ session }: { readonly session: Member['sessions'][number] }) {
  const end = useMutation({
    mutationFn: () => call('DELETE /api/v1/tokens/{id}', { path: { id: session.id } }),
    onSuccess: (_reply, _input, _before, { client }) =>
      void client.invalidateQueries({ queryKey: membersQuery.queryKey }),
  });
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5 text-xs text-ink-2">
      <span className="text-ink">{session.current ? 'This browser' : 'A browser'}</span>
      <span>
        signed in <Ago at={session.createdAt} />
      </span>
      {session.lastUsedAt !== null && !session.current && (
        <span>
          last used <Ago at={session.lastUsedAt} />
        </span>
      )}
      {session.expiresAt !== null && <span>until {new Date(session.expiresAt).toLocaleDateString()}</span>}
      {!session.current && (
        <Button className="ml-auto h-7" busy={end.isPending} onClick={() => end.mutate()}>
          End
        </Button>
      )}
      {end.error !== null && <ProblemNotice error={end.error} className="w-full" />}
    </li>
  );
}
