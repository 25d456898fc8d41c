import { CheckIcon, ChevronRightIcon, EyeIcon, XIcon } from '@primer/octicons-react';
import { useState } from 'react';
import type { Readiness, Rung } from '../api/wire.generated.ts';
import { classes } from '../design/classes.ts';
import { plainText } from '../design/plain-text.ts';
import { readable } from '../design/status.ts';
import { Tag } from '../design/tag.tsx';
import { clockTime, duration } from '../design/time.tsx';
import { toolName } from './tool-name.ts';

type Server = Readiness['servers'][number];
type Step = Server['rungs'][number];

const MEANING: Readonly<Record<Rung, string>> = {
  declared: 'A plugin of this workspace asks for it',
  delivered: 'Its package is in the box, digest checked',
  rendered: "Written into the runtime's own configuration and read back equal",
  parsed: "The runtime's own program lists it",
  live: 'Started as the runtime starts it, it answered with its tools',
  used: 'Called in a real session',
};

/** The proof of one server, lowest rung first. */
export function ProofLadder({ server }: { readonly server: Server }) {
  const tools = server.tools?.map((id) => toolName(id, server.server)) ?? null;
  const lacking = server.requiredTools.filter((tool) => tools?.includes(tool) === false);
  const able = lacking.length === 0 && server.rungs.some((step) => step.rung === 'live' && step.state === 'passed');
  const failed = server.rungs.find((step) => step.state === 'failed');
  return (
    <div className="hairline rounded-lg">
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2.5">
        <span className="font-mono text-sm font-medium break-all">{server.server}</span>
        {server.required && <Tag>Required</Tag>}
        <Tag tone={able ? 'green' : failed === undefined ? 'blue' : 'red'}>
          {able ? 'Proved' : failed === undefined ? 'Climbing' : `Failed at ${failed.rung}`}
        </Tag>
        <span className="ml-auto text-xs text-ink-2">
          {tools === null ? 'tools not seen yet' : `${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}`}
        </span>
      </div>
      <ol className="px-4 py-2">
        {server.rungs.map((step, index) => (
          <RungRow key={step.rung} step={step} last={index === server.rungs.length - 1} />
        ))}
      </ol>
      {tools !== null && server.requiredTools.length > 0 && (
        <p className="border-t px-4 py-2 text-xs text-ink-2">
          {lacking.length === 0 ? (
            'All required tools are there: '
          ) : (
            <span className="text-red">Required tools are missing: </span>
          )}
          <span className="font-mono">{(lacking.length === 0 ? server.requiredTools : lacking).join(', ')}</span>
        </p>
      )}
    </div>
  );
}

function RungRow({ step, last }: { readonly step: Step; readonly last: boolean }) {
  const [open, setOpen] = useState(false);
  const evidence = Object.entries(step.evidence);
  const needless = step.evidence['applicable'] === false;
  return (
    <li className="relative flex gap-3 pb-1">
      {!last && (
        <span
          aria-hidden="true"
          className={classes(
            'absolute top-6 bottom-0 left-[9px] w-px',
            step.state === 'passed' ? 'bg-green/50' : 'bg-line',
          )}
        />
      )}
      <span
        className={classes(
          'relative mt-1 flex size-[19px] shrink-0 items-center justify-center rounded-full border',
          step.state === 'passed'
            ? 'border-green bg-green-soft text-green'
            : step.state === 'failed'
              ? 'border-red bg-red-soft text-red'
              : 'border-line-strong border-dashed text-ink-3',
        )}
      >
        {step.state === 'passed' ? <CheckIcon size={12} /> : step.state === 'failed' ? <XIcon size={12} /> : null}
        <span className="sr-only">{step.state}</span>
      </span>
      <div className="min-w-0 flex-1 py-0.5">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <span className={classes('font-medium', step.state === 'pending' && 'text-ink-2')}>{step.rung}</span>
          <span className="text-xs text-ink-2">{needless ? 'Not needed here' : MEANING[step.rung]}</span>
          {step.witnessed && (
            <Tag tone="green" title="Seen by the control plane itself, not claimed by the box">
              <EyeIcon size={12} />
              Witnessed
            </Tag>
          )}
          <span className="tabular ml-auto flex items-center gap-2 text-xs text-ink-2">
            {step.durationMs !== null && <span>{duration(step.durationMs)}</span>}
            {step.at !== null && <time dateTime={step.at}>{clockTime(step.at)}</time>}
            {evidence.length > 0 && (
              <button
                type="button"
                aria-expanded={open}
                aria-label={`Evidence of ${step.rung}`}
                onClick={() => setOpen(!open)}
                className="flex size-6 items-center justify-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink"
              >
                <ChevronRightIcon size={12} className={open ? 'rotate-90' : ''} />
              </button>
            )}
          </span>
        </div>
        {step.reason !== null && step.state !== 'passed' && (
          <p className={step.state === 'failed' ? 'text-red' : 'text-ink-2'}>{readable(plainText(step.reason))}</p>
        )}
        {open && (
          <dl className="mt-1 mb-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 rounded-md bg-sunken px-3 py-2 font-mono text-2xs">
            {evidence.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-ink-2">{plainText(name)}</dt>
                <dd className="min-w-0 break-all">
                  {plainText(typeof value === 'string' ? value : JSON.stringify(value))}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </li>
  );
}
