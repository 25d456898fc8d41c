import { memo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { plainText } from '../design/plain-text.ts';
import { CodeBlock } from './code-block.tsx';

const PLUGINS = [remarkGfm];

/**
 * What an agent wrote, as a page of text. HTML in it stays text; a link opens apart from this page and tells the other side nothing; a picture becomes
 * a link, because loading it would tell a stranger who reads what.
 */
const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-blue underline decoration-1 underline-offset-2"
    >
      {children}
    </a>
  ),
  img: ({ src, alt }) =>
    typeof src === 'string' && src !== '' ? (
      <a href={src} target="_blank" rel="noopener noreferrer nofollow" className="text-blue underline">
        picture: {alt === undefined || alt === '' ? src : alt}
      </a>
    ) : (
      <span>{alt}</span>
    ),
  p: ({ children }) => <p className="my-2.5 first:mt-0 last:mb-0">{children}</p>,
  ul: ({ children }) => (
    <ul className="my-2.5 list-disc space-y-1 pl-5 first:mt-0 last:mb-0 marker:text-ink-3">{children}</ul>
  ),
  ol: ({ children, start }) => (
    <ol start={start} className="my-2.5 list-decimal space-y-1 pl-5 first:mt-0 last:mb-0 marker:text-ink-3">
      {children}
    </ol>
  ),
  h1: ({ children }) => <h3 className="mt-5 mb-2 text-lg font-semibold first:mt-0">{children}</h3>,
  h2: ({ children }) => <h4 className="mt-4 mb-2 font-semibold first:mt-0">{children}</h4>,
  h3: ({ children }) => <h5 className="mt-4 mb-1.5 font-semibold first:mt-0">{children}</h5>,
  h4: ({ children }) => <h6 className="mt-3 mb-1.5 font-medium first:mt-0">{children}</h6>,
  h5: ({ children }) => <p className="mt-3 mb-1.5 font-medium first:mt-0">{children}</p>,
  h6: ({ children }) => <p className="mt-3 mb-1.5 font-medium first:mt-0">{children}</p>,
  hr: () => <hr className="my-4" />,
  blockquote: ({ children }) => (
    <blockquote className="my-2.5 border-l-2 border-line-strong pl-3 text-ink-2">{children}</blockquote>
  ),
  pre: ({ children }) => <>{children}</>,
  code: ({ className, children }) => {
    const text = String(children);
    if (className === undefined && !text.includes('\n'))
      return <code className="rounded-sm bg-hover px-1 py-px font-mono text-[0.9em]">{children}</code>;
    return <CodeBlock text={text.replace(/\n$/, '')} language={/language-(\S+)/.exec(className ?? '')?.[1] ?? null} />;
  },
  table: ({ children }) => (
    <div className="hairline my-3 overflow-x-auto rounded-md" tabIndex={0} role="region" aria-label="Table">
      <table className="w-full text-sm">{children}</table>
    </div>
  ),
  th: ({ children }) => <th className="border-b bg-sunken px-2.5 py-1.5 text-left font-medium">{children}</th>,
  td: ({ children }) => <td className="border-b px-2.5 py-1.5 align-top [tr:last-child>&]:border-b-0">{children}</td>,
  input: ({ checked }) => (
    <input type="checkbox" checked={checked === true} readOnly disabled className="mr-1.5 align-middle" />
  ),
};

export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
      {plainText(text)}
    </ReactMarkdown>
  );
});
