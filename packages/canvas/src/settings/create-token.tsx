import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { Scope } from '../api/wire.generated.ts';
import { sessionQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy-button.tsx';
import { Choice, Field, TextInput } from '../design/field.tsx';
import { Modal } from '../design/modal.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';

const DAY_SECONDS = 86_400;
const LIVES = [
  [30, '30 days'],
  [90, '90 days'],
  [365, '1 year'],
  [0, 'No end'],
] as const;

/** A key with no more rights than it needs; nobody can give more than they have. */
export function CreateTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const session = useQuery(sessionQuery);
  const own = (session.data?.scopes ?? []) as readonly Scope[]; // the session's scopes are scopes
  const [name, setName] = useState('');
  const [days, setDays] = useState(90);
  const [rights, setRights] = useState<'read' | 'all' | 'choose'>('read');
  const [picked, setPicked] = useState<ReadonlySet<Scope>>(new Set());
  const scopes =
    rights === 'all'
      ? own
      : rights === 'read'
        ? own.filter((each) => each.endsWith(':read'))
        : own.filter((each) => picked.has(each));
  const create = useMutation({
    mutationFn: () =>
      call('POST /api/v1/tokens', {
        body: {
          name: name.trim(),
          scopes: [...scopes],
          ...(days === 0 ? {} : { expiresInSeconds: days * DAY_SECONDS }),
        },
      }),
  });

  if (create.data !== undefined) {
    return (
      <Modal open onClose={onClose} title="Copy it now">
        <div className="px-5 pt-1 pb-5">
          <p className="text-base text-ink-2">This is the only time the value is shown.</p>
          <div className="hairline mt-3 flex items-center gap-2 rounded-md bg-sunken py-1.5 pr-1.5 pl-3">
            <code className="min-w-0 flex-1 font-mono text-xs break-all">{create.data.value}</code>
            <CopyButton text={create.data.value} label="Copy token" />
          </div>
          <div className="mt-4 flex justify-end">
            <Button look="solid" onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      </Modal>
    );
  }
  return (
    <Modal open onClose={onClose} title="New token">
      <form
        className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 pt-2 pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Field label="Name">
          <TextInput
            autoFocus
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder="what it is for"
          />
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Rights">
            <Choice
              value={rights}
              onChange={(event) =>
                setRights(event.target.value === 'all' ? 'all' : event.target.value === 'choose' ? 'choose' : 'read')
              }
            >
              <option value="read">Read only</option>
              <option value="all">All that you have</option>
              <option value="choose">Choose</option>
            </Choice>
          </Field>
          <Field label="Valid for">
            <Choice value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {LIVES.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Choice>
          </Field>
        </div>
        {rights === 'choose' && (
          <fieldset className="grid grid-cols-2 gap-x-3 gap-y-1">
            <legend className="sr-only">Scopes</legend>
            {own.map((scope) => (
              <label key={scope} className="flex items-center gap-2 font-mono text-xs">
                <input
                  type="checkbox"
                  className="accent-blue"
                  checked={picked.has(scope)}
                  onChange={(event) =>
                    setPicked(
                      (before) =>
                        new Set(
                          event.target.checked ? [...before, scope] : [...before].filter((each) => each !== scope),
                        ),
                    )
                  }
                />
                {scope}
              </label>
            ))}
          </fieldset>
        )}
        {create.error !== null && <ProblemNotice error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            look="solid"
            busy={create.isPending}
            disabled={name.trim() === '' || scopes.length === 0}
          >
            Make token
          </Button>
        </div>
      </form>
    </Modal>
  );
}
