import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import type { Workspace } from '../../api/wire.generated.ts';
import { modelQuery } from '../../data/model-queries.ts';
import { useMay } from '../../data/use-may.ts';
import { Button } from '../../design/button.tsx';
import { Loading } from '../../design/loading.tsx';
import { plainText } from '../../design/plain-text.ts';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { Section } from '../../design/section.tsx';
import { readable } from '../../design/status.ts';
import { Tag } from '../../design/tag.tsx';
import { DemoTag } from '../../shell/demo-tag.tsx';
import { accessWords } from './access-words.ts';
import { CheckResult } from './check-result.tsx';
import { ChooseModel } from './choose-model.tsx';

/** Provider, model, how it is reached and whether that works; with a trial call on demand, and the way to another model. */
export function ModelSection({ workspace }: { readonly workspace: Workspace }) {
  const choice = useQuery(modelQuery(workspace.id));
  const mayWrite = useMay('models:write');
  const [changing, setChanging] = useState(false);
  const check = useMutation({
    mutationFn: () => call('POST /api/v1/models/check', { body: { workspace: workspace.id } }),
  });
  const model = choice.data;
  const access = model === undefined ? null : accessWords(model);
  return (
    <Section
      title="Model"
      {...(mayWrite
        ? {
            action: (
              <div className="flex gap-2">
                <Button look="quiet" busy={check.isPending} onClick={() => check.mutate()}>
                  Try it
                </Button>
                <Button aria-expanded={changing} onClick={() => setChanging(!changing)}>
                  Change
                </Button>
              </div>
            ),
          }
        : { hint: 'You may look, but not change it.' })}
    >
      {choice.error !== null && (
        <ProblemNotice error={choice.error} action={<Button onClick={() => void choice.refetch()}>Try again</Button>} />
      )}
      {choice.isPending && <Loading />}
      {model !== undefined && access !== null && (
        <dl className="hairline divide-y divide-line rounded-lg">
          <Fact name="Model">
            <span className="font-mono text-xs break-all">{plainText(model.model ?? 'none')}</span>
            <DemoTag model={model.model} />
            {workspace.model === null && <Tag title="It has no model of its own.">Default of the org</Tag>}
          </Fact>
          <Fact name="Provider">
            {plainText(model.provider ?? 'none')}
            {model.pin !== null && (
              <Tag title="LLM_PROVIDER is set for this workspace">
                Pinned by {model.pin.origin === 'platform' ? 'the platform' : 'a person'}
              </Tag>
            )}
          </Fact>
          <Fact name="Access">
            <span className="basis-full font-medium">{access.title}</span>
            <span className="text-xs text-ink-2">{access.text}</span>
          </Fact>
          <Fact name="State">
            {model.configured ? <Tag tone="green">Configured</Tag> : <Tag tone="red">Not configured</Tag>}
            <span className="min-w-0 break-words">{plainText(model.message)}</span>
            {model.reason !== null && <Code>{readable(model.reason)}</Code>}
          </Fact>
          {workspace.signals.responsiveness.status === 'failed' &&
            workspace.signals.responsiveness.reason !== model.reason && (
              <Fact name="Now">
                <Tag tone="red">Trouble</Tag>
                <span className="min-w-0 break-words">
                  {plainText(workspace.signals.responsiveness.message)}{' '}
                  <span className="text-ink-2">{plainText(workspace.signals.responsiveness.nextStep ?? '')}</span>
                </span>
              </Fact>
            )}
        </dl>
      )}
      {check.data !== undefined && <CheckResult check={check.data} />}
      {check.error !== null && <ProblemNotice error={check.error} className="mt-2" />}
      {changing && <ChooseModel workspace={workspace} onDone={() => setChanging(false)} />}
    </Section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-baseline gap-4 px-4 py-2">
      <dt className="w-20 shrink-0 text-ink-2">{name}</dt>
      <dd className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2 gap-y-0.5 break-words">{children}</dd>
    </div>
  );
}

function Code({ children }: { readonly children: ReactNode }) {
  return <span className="font-mono text-2xs text-ink-2">{children}</span>;
}
