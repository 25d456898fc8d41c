import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';
import type { SecretInfo } from '../api/wire.generated.ts';
import { secretsQuery } from '../data/org-queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { Field, TextInput } from '../design/field.tsx';
import { Modal } from '../design/modal.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';

/** Sets a secret or replaces its value. What was typed is gone from the page when the dialog closes. */
export function SetSecretDialog({
  known,
  onClose,
}: {
  readonly known: SecretInfo | null;
  readonly onClose: () => void;
}) {
  const { members } = useOrg();
  const [name, setName] = useState(known?.name ?? '');
  const [value, setValue] = useState('');
  const [grants, setGrants] = useState<ReadonlySet<string>>(new Set(known?.grants));
  const set = useMutation({
    mutationFn: (force: boolean) =>
      call('POST /api/v1/secrets', {
        body: { name, value, force, ...(known?.use === 'gateway' ? {} : { grants: [...grants] }) },
      }),
    onSuccess: (_reply, _input, _before, { client }) => {
      void client.invalidateQueries({ queryKey: secretsQuery.queryKey });
      onClose();
    },
  });
  const refusedTrial = set.error !== null && asProblem(set.error).code === 'preflight_failed';
  return (
    <Modal open onClose={onClose} title={known === null ? 'New secret' : `Replace ${known.name}`}>
      <form
        className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 pt-1 pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate(false);
        }}
      >
        {known === null && (
          <Field
            label="Name"
            hint="Like an environment variable. A provider's key, e.g. ANTHROPIC_API_KEY, stays on the server."
          >
            <TextInput
              autoFocus
              required
              pattern="[A-Za-z_][A-Za-z0-9_]{0,127}"
              value={name}
              onChange={(event) => setName(event.target.value)}
              placeholder="SEARCH_API_KEY"
              className="font-mono"
            />
          </Field>
        )}
        <Field label="Value" hint="It is sealed on the server and never shown again.">
          <TextInput
            type="password"
            autoComplete="new-password"
            autoFocus={known !== null}
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </Field>
        {known?.use !== 'gateway' && members.length > 0 && (
          <fieldset>
            <legend className="mb-1 text-xs font-medium">Granted to</legend>
            <div className="hairline max-h-40 overflow-y-auto rounded-md px-3 py-1.5">
              {members.map((each) => (
                <label key={each.id} className="flex h-7 items-center gap-2 max-md:h-10">
                  <input
                    type="checkbox"
                    className="accent-blue"
                    checked={grants.has(each.id)}
                    onChange={(event) =>
                      setGrants(
                        event.target.checked
                          ? new Set([...grants, each.id])
                          : new Set([...grants].filter((id) => id !== each.id)),
                      )
                    }
                  />
                  <bdi className="min-w-0 truncate">{each.name}</bdi>
                </label>
              ))}
            </div>
          </fieldset>
        )}
        {set.error !== null && (
          <ProblemNotice
            error={set.error}
            {...(refusedTrial
              ? {
                  action: (
                    <Button busy={set.isPending} onClick={() => set.mutate(true)}>
                      Store it all the same
                    </Button>
                  ),
                }
              : {})}
          />
        )}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            look="solid"
            busy={set.isPending && set.variables === false}
            disabled={name === '' || value === ''}
          >
            {known === null ? 'Store' : 'Replace'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
