import { CopyButton } from '../design/copy-button.tsx';

export function CodeBlock({ text, language }: { readonly text: string; readonly language: string | null }) {
  return (
    <div className="group hairline relative my-3 rounded-md bg-sunken first:mt-0 last:mb-0">
      {language !== null && <div className="px-3 pt-1.5 font-mono text-2xs text-ink-3">{language}</div>}
      <pre tabIndex={0} className="overflow-x-auto px-3 py-2 font-mono text-xs leading-5">
        <code>{text}</code>
      </pre>
      <CopyButton
        text={text}
        label="Copy code"
        className="absolute top-1 right-1 bg-sunken opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"
      />
    </div>
  );
}
