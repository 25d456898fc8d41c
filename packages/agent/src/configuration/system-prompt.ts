import type { Skill } from './skills.ts';

export interface PromptParts {
  /** Text of AGENTS.md, null when there is none. */
  readonly identity: string | null;
  readonly skills: readonly Skill[];
  /** What connected servers say about themselves. */
  readonly serverInstructions: readonly { readonly server: string; readonly text: string }[];
  readonly workFolder: string;
}

/** The system prompt. Each part appears once; the identity comes first, unchanged (identity must reach the model exactly once). */
export function systemPrompt(parts: PromptParts): string {
  const sections: string[] = [];
  if (parts.identity !== null && parts.identity.trim() !== '') sections.push(parts.identity.trim());
  sections.push(
    [
      'You are an agent that works by calling tools. Do what is asked with the tools you have, then answer in a few plain sentences.',
      'Say what you did and what you could not do; never claim an effect that no tool result shows.',
      `Your working folder is ${parts.workFolder}; the file and command tools act inside it.`,
    ].join('\n'),
  );
  if (parts.skills.length > 0) {
    const lines = parts.skills.map((skill) => `- ${skill.name}: ${skill.description}`);
    sections.push(
      ['Skills that you can read with read_skill before you do work that they cover:', ...lines].join('\n'),
    );
  }
  for (const { server, text } of parts.serverInstructions)
    sections.push(`About the tools of ${server}:\n${text.trim()}`);
  return sections.join('\n\n');
}
