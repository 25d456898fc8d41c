import { ArrowRightIcon } from '@primer/octicons-react';
import { Logo } from './logo.tsx';

const IDEAS = [
  'Create a workspace called research',
  'Which workspaces are there?',
  'Create a workspace called website from the coding-agent template',
] as const;

/** The first minute: what one can say. */
export function Suggestions({ workspaceId }: { readonly workspaceId: string }) {
  const take = (text: string): void => {
    const field = document.getElementById(`composer-${workspaceId}`);
    if (!(field instanceof HTMLTextAreaElement)) return;
    // Through the element's own setter, so that React hears of it as of typing.
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(field, text);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.focus();
  };
  return (
    <div className="flex flex-col items-start gap-5 pt-[8vh]">
      <Logo size={36} />
      <div>
        <h2 className="text-xl font-semibold tracking-tight">What should your org do?</h2>
        <p className="mt-1 text-base text-ink-2">
          The concierge creates, equips and watches the agents of your org. Tell it what you need.
        </p>
      </div>
      <ul className="w-full space-y-1.5">
        {IDEAS.map((idea) => (
          <li key={idea}>
            <button
              type="button"
              onClick={() => take(idea)}
              className="hairline group flex w-full items-center justify-between gap-3 rounded-md bg-surface px-3 py-2 text-left text-base hover:border-line-strong hover:bg-hover"
            >
              {idea}
              <ArrowRightIcon size={14} className="shrink-0 text-ink-3 group-hover:text-ink" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
