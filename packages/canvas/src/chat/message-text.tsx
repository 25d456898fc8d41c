import { lazy, Suspense, useDeferredValue, useState } from 'react';
import { Button } from '../design/button.tsx';
import { plainText } from '../design/plain-text.ts';

const Markdown = lazy(() => import('./markdown.tsx').then((module) => ({ default: module.Markdown })));
/** Above this a message is shown as plain text, a piece at a time: no page survives ten megabytes of markup. */
export const LONGEST_MARKDOWN = 60_000;

export function MessageText({ text }: { readonly text: string }) {
  const settled = useDeferredValue(text);
  if (text.length > LONGEST_MARKDOWN) return <LongText text={text} />;
  return (
    <Suspense fallback={<p className="break-words whitespace-pre-wrap">{plainText(text)}</p>}>
      <div className="min-w-0 break-words">
        <Markdown text={settled} />
      </div>
    </Suspense>
  );
}

/** Text of any length as it is: a piece at a time, and as a file. */
export function LongText({ text }: { readonly text: string }) {
  const [shown, setShown] = useState(LONGEST_MARKDOWN);
  const download = (): void => {
    const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    Object.assign(document.createElement('a'), { href: address, download: 'message.txt' }).click();
    URL.revokeObjectURL(address);
  };
  return (
    <div className="min-w-0">
      <p className="break-words whitespace-pre-wrap">{plainText(text.slice(0, shown))}</p>
      <div className="mt-3 flex flex-wrap items-center gap-2 text-xs text-ink-2">
        {shown < text.length && <Button onClick={() => setShown(shown + LONGEST_MARKDOWN)}>Show more</Button>}
        <Button onClick={download}>Download</Button>
        <span>
          {Math.min(shown, text.length).toLocaleString()} of {text.length.toLocaleString()} characters, shown as plain
          text
        </span>
      </div>
    </div>
  );
}
