/** Places of the settings, in the order of their links. */
export const SECTIONS = [
  { key: 'members', label: 'Members' },
  { key: 'tokens', label: 'Tokens' },
  { key: 'secrets', label: 'Secrets' },
  { key: 'plugins', label: 'Plugins' },
  { key: 'budgets', label: 'Budgets' },
  { key: 'runtimes', label: 'Runtimes' },
  { key: 'audit', label: 'Audit log' },
  { key: 'page', label: 'This page' },
] as const;
export type SettingsSection = (typeof SECTIONS)[number]['key'];

export function isSettingsSection(text: string): text is SettingsSection {
  return SECTIONS.some(({ key }) => key === text);
}
