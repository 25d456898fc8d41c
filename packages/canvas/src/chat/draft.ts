import { useCallback, useState } from 'react';

/** What is being typed to a workspace, kept over reloads, lost sessions and crashes. */
export function useDraft(workspaceId: string): readonly [string, (text: string) => void] {
  const place = `molecule.draft.${workspaceId}`;
  const [text, setText] = useState(() => read(place));
  const [shownPlace, setShownPlace] = useState(place);
  if (shownPlace !== place) {
    setShownPlace(place);
    setText(read(place));
  }
  const write = useCallback(
    (next: string) => {
      setText(next);
      try {
        if (next === '') localStorage.removeItem(place);
        else localStorage.setItem(place, next);
      } catch {
        // Full or blocked: the text still stands in the page.
      }
    },
    [place],
  );
  return [text, write];
}

function read(place: string): string {
  try {
    return localStorage.getItem(place) ?? '';
  } catch {
    return '';
  }
}
