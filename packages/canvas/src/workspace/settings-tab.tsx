import { TrashIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../api/client.ts';
import type { Workspace } from '../api/wire.generated.ts';
import { workspacesQuery } from '../data/queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy-button.tsx';
import { Field, TextInput } from '../design/field.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { moving } from '../org/moving.ts';
import { RenameDialog } from './rename-dialog.tsx';
import { SwitchRuntimeDialog } from './switch-runtime.tsx';
import { useLifecycle } from './use-lifecycle.ts';

const SMALL = 'h-6.5 px-2.5 text-xs';

/** Facts, and what changes its life. */
export function SettingsTab({ workspace }: { readonly workspace: Workspace }) {
  const { restart, pause, resume } = useLifecycle(workspace);
  const { members } = useOrg();
  const [editing, setEditing] = useState<'name' | 'runtime' | null>(null);
  const platform = workspace.kind === 'platform';
  const parent = members.find((each) => each.id === workspace.parentId);
  const paused = workspace.status === 'paused';
  return (
    <div className="space-y-7">
      <Section title="Facts">
        <dl className="hairline divide-y divide-line rounded-lg">
          <Fact
            name="Name"
            action={
              <Button className={SMALL} onClick={() => setEditing('name')}>
                Rename
              </Button>
            }
          >
            <bdi>{workspace.name}</bdi>
          </Fact>
          <Fact
            name="Runtime"
            action={
              <Button className={SMALL} onClick={() => setEditing('runtime')}>
                Switch
              </Button>
            }
          >
            {workspace.runtime}
          </Fact>
          <Fact name="Model">{workspace.model ?? 'none'}</Fact>
          <Fact name="Template">{workspace.template ?? 'none'}</Fact>
          {!platform && (
            <Fact
              name="Below"
              action={
                <Button className={SMALL} onClick={() => moving.set({ id: workspace.id, to: undefined })}>
                  Move
                </Button>
              }
            >
              {parent?.name ?? 'the concierge'}
            </Fact>
          )}
          <Fact name="Created">{new Date(workspace.createdAt).toLocaleString()}</Fact>
          <Fact name="Generation">{workspace.generation}</Fact>
          <Fact name="Id">
            <span className="font-mono text-xs break-all">{workspace.id}</span>
            <CopyButton text={workspace.id} label="Copy id" className="size-6" />
          </Fact>
        </dl>
      </Section>
      <Section title="Life">
        <div className="hairline divide-y divide-line rounded-lg">
          <Row
            title="Restart"
            text="A new box with a new token. Its files and conversations stay."
            action={
              <Button busy={restart.isPending} onClick={() => restart.mutate()}>
                Restart
              </Button>
            }
          />
          {!platform &&
            (paused ? (
              <Row
                title="Resume"
                text="It starts again and works off what was sent to it."
                action={
                  <Button busy={resume.isPending} onClick={() => resume.mutate()}>
                    Resume
                  </Button>
                }
              />
            ) : (
              <Row
                title="Pause"
                text="Its box ends. Messages are kept until it is resumed; nothing else starts it."
                action={
                  <Button busy={pause.isPending} onClick={() => pause.mutate()}>
                    Pause
                  </Button>
                }
              />
            ))}
        </div>
        {Object.entries({ restart, pause, resume }).map(
          ([deed, { error }]) => error !== null && <ProblemNotice key={deed} error={error} className="mt-2" />,
        )}
      </Section>
      {platform ? (
        <p className="text-ink-2">
          The concierge is the root of the org. It can be restarted, but not paused or deleted.
        </p>
      ) : (
        <Delete workspace={workspace} />
      )}
      {editing === 'name' && <RenameDialog workspace={workspace} onClose={() => setEditing(null)} />}
      {editing === 'runtime' && <SwitchRuntimeDialog workspace={workspace} onClose={() => setEditing(null)} />}
    </div>
  );
}

function Delete({ workspace }: { readonly workspace: Workspace }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      call('DELETE /api/v1/workspaces/{id}', { path: { id: workspace.id }, body: { confirmName: name } }),
    onSuccess: () => {
      void navigate({ to: '/org' });
      client.setQueryData(workspacesQuery.queryKey, (list) => list?.filter((each) => each.id !== workspace.id));
    },
  });
  return (
    <Section title="Delete" hint="Its box, its files and its tokens are gone for good. What is below it moves up.">
      <form
        className="flex flex-wrap items-end gap-3 rounded-lg border border-red/40 px-4 py-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (name === workspace.name) remove.mutate();
        }}
      >
        <div className="min-w-52 flex-1">
          <Field label={`Type ${workspace.name} to confirm`}>
            <TextInput value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
        </div>
        <Button
          type="submit"
          look="danger"
          className="h-9"
          busy={remove.isPending}
          disabled={name !== workspace.name}
          icon={<TrashIcon size={14} />}
        >
          Delete workspace
        </Button>
      </form>
      {remove.error !== null && <ProblemNotice error={remove.error} className="mt-2" />}
    </Section>
  );
}

function Fact({
  name,
  children,
  action,
}: {
  readonly name: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="flex min-h-9 items-center gap-4 px-4 py-1.5">
      <dt className="w-28 shrink-0 text-ink-2">{name}</dt>
      <dd className="flex min-w-0 flex-1 items-center gap-1 break-words">
        {children}
        {action !== undefined && <span className="ml-auto pl-2">{action}</span>}
      </dd>
    </div>
  );
}

function Row({ title, text, action }: { readonly title: string; readonly text: string; readonly action: ReactNode }) {
  return (
    <div className="flex items-center gap-4 px-4 py-3">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        <p className="text-xs text-ink-2">{text}</p>
      </div>
      {action}
    </div>
  );
}
