import { Tag } from '../design/tag.tsx';

/** Says plainly when answers come from a script. */
export function DemoTag({ model }: { readonly model: string | null }) {
  if (model === null || !model.startsWith('demo/')) return null;
  return (
    <Tag
      tone="amber"
      title="Answers come from a built-in script, not from an AI. Set a provider's key and start again for a real model."
    >
      Demo model
    </Tag>
  );
}
