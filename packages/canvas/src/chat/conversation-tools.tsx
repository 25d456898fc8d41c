import { SearchIcon, XIcon } from '@primer/octicons-react';
import { useState } from 'react';
import type { Conversation } from '../api/wire.generated.ts';
import { IconButton } from '../design/button.tsx';
import { Choice, TextInput } from '../design/field.tsx';
import { plainText } from '../design/plain-text.ts';

export interface ConversationToolsProps {
  readonly conversations: readonly Conversation[];
  readonly current: string | null;
  readonly onChoose: (id: string) => void;
  readonly search: string;
  readonly onSearch: (text: string) => void;
  readonly shown: boolean;
}

/** Earlier conversations and search. */
export function ConversationTools({
  conversations,
  current,
  onChoose,
  search,
  onSearch,
  shown,
}: ConversationToolsProps) {
  const [searching, setSearching] = useState(false);
  if (!shown && conversations.length < 2) return null;
  const close = (): void => {
    onSearch('');
    setSearching(false);
  };
  return (
    <div className="flex h-10 shrink-0 items-center justify-end gap-1 border-b px-3">
      {searching ? (
        <>
          <TextInput
            autoFocus
            type="search"
            aria-label="Search in this conversation"
            placeholder="Search in this conversation"
            value={search}
            onChange={(event) => onSearch(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && close()}
            className="h-7 flex-1"
          />
          <IconButton label="Close search" className="size-7" onClick={close}>
            <XIcon size={14} />
          </IconButton>
        </>
      ) : (
        <>
          {conversations.length > 1 ? (
            <Choice
              aria-label="Conversation"
              value={current ?? ''}
              onChange={(event) => onChoose(event.target.value)}
              className="h-7 min-w-0 flex-1 border-transparent"
            >
              {conversations.map((each) => (
                <option key={each.id} value={each.id}>
                  {plainText(each.title) || 'Untitled'}
                </option>
              ))}
            </Choice>
          ) : (
            <span className="min-w-0 flex-1 truncate text-xs text-ink-2" title={conversations[0]?.title}>
              {plainText(conversations[0]?.title ?? '')}
            </span>
          )}
          <IconButton label="Search in this conversation" className="size-7" onClick={() => setSearching(true)}>
            <SearchIcon size={14} />
          </IconButton>
        </>
      )}
    </div>
  );
}
