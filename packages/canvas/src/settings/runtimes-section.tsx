import { CheckIcon, XIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import type { AvailableRuntime } from '../api/wire.generated.ts';
import { runtimesQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Loading } from '../design/loading.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { Tag } from '../design/tag.tsx';

type Facts = NonNullable<AvailableRuntime['facts']>;

const ABILITIES = [
  { key: 'streaming', label: 'Streams', title: 'Text arrives while it is written.' },
  { key: 'resume', label: 'Resumes', title: 'A session goes on after its process ended.' },
  { key: 'cancel', label: 'Stops', title: 'A running turn can be stopped.' },
  { key: 'httpServers', label: 'HTTP', title: 'Servers that are reached over HTTP.' },
  { key: 'requiredServers', label: 'Requires', title: 'It fails the turn itself when a required server is broken.' },
] as const satisfies readonly { key: keyof Facts; label: string; title: string }[];
const RELOAD: Readonly<Record<Facts['reload'], string>> = {
  live: 'at once',
  next_turn: 'next turn',
  new_session: 'new session',
};

/** Which agent runtimes the box hosts have, and what each was seen to do. */
export function RuntimesSection() {
  const runtimes = useQuery(runtimesQuery);
  return (
    <Section
      title="Runtimes"
      hint="Agent CLIs as found on the box hosts, and what the conformance tests saw each of them do."
    >
      {runtimes.error !== null && (
        <ProblemNotice
          error={runtimes.error}
          action={<Button onClick={() => void runtimes.refetch()}>Try again</Button>}
        />
      )}
      {runtimes.isPending && <Loading />}
      {runtimes.data !== undefined && runtimes.data.length === 0 && (
        <p className="text-ink-2">No box host has connected yet.</p>
      )}
      {runtimes.data !== undefined && runtimes.data.length > 0 && (
        <div
          className="hairline relative overflow-x-auto rounded-lg"
          tabIndex={0}
          role="region"
          aria-label="Matrix of runtimes"
        >
          <table className="w-full min-w-[38rem] text-sm">
            <thead className="text-left text-xs text-ink-2">
              <tr className="[&>th]:h-9 [&>th]:px-2 [&>th]:font-medium">
                <th scope="col" className="!pl-4">
                  Runtime
                </th>
                <th scope="col">Here</th>
                <th scope="col">Tested</th>
                {ABILITIES.map(({ key, label, title }) => (
                  <th key={key} scope="col" title={title} className="!text-center">
                    {label}
                  </th>
                ))}
                <th scope="col" className="!pr-4" title="When it takes up changed servers.">
                  Changes
                </th>
              </tr>
            </thead>
            <tbody>
              {runtimes.data.map((each) => (
                <Row key={each.runtime} runtime={each} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function Row({ runtime }: { readonly runtime: AvailableRuntime }) {
  const { facts } = runtime;
  return (
    <tr className="border-t border-line align-top [&>td]:px-2 [&>td]:py-2">
      <th scope="row" className="py-2 pr-2 pl-4 text-left font-medium whitespace-nowrap">
        {facts?.title ?? runtime.runtime}
        <span className="block font-mono text-2xs font-normal text-ink-2">{runtime.runtime}</span>
      </th>
      <td className="max-w-52">
        {runtime.available ? (
          <>
            {plainText(runtime.version ?? 'found')}
            {runtime.hasLogin && <span className="block text-2xs text-ink-2">with a login of its own</span>}
          </>
        ) : (
          <span className="block text-xs break-words text-ink-2">{plainText(runtime.problem ?? 'not found')}</span>
        )}
      </td>
      <td className="whitespace-nowrap">
        {facts === undefined || facts.tested === 'never' ? (
          <Tag tone="amber">Not proved yet</Tag>
        ) : facts.tested === 'run' ? (
          <Tag tone="green" title="The real program took part in the tests.">
            {facts.testedVersion ?? 'run'}
          </Tag>
        ) : (
          <Tag title="Built to the documented format; the program itself was not run.">Format only</Tag>
        )}
      </td>
      {ABILITIES.map(({ key }) => (
        <td key={key} className="text-center">
          <span className={classes('flex justify-center pt-1', facts?.[key] === true ? 'text-green' : 'text-ink-3')}>
            {facts?.[key] === true ? <CheckIcon size={14} /> : <XIcon size={12} />}
            <span className="sr-only">{facts?.[key] === true ? 'yes' : 'not seen'}</span>
          </span>
        </td>
      ))}
      <td className="!pr-4 text-xs whitespace-nowrap text-ink-2">{facts === undefined ? '' : RELOAD[facts.reload]}</td>
    </tr>
  );
}
