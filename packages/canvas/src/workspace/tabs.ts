export const TABS = [
  { key: 'chat', label: 'Chat' },
  { key: 'readiness', label: 'Readiness' },
  { key: 'timeline', label: 'Timeline' },
  { key: 'plugins', label: 'Plugins' },
  { key: 'model', label: 'Model & budget' },
  { key: 'tasks', label: 'Tasks' },
  { key: 'files', label: 'Files' },
  { key: 'terminal', label: 'Terminal' },
  { key: 'settings', label: 'Settings' },
] as const;
export type Tab = (typeof TABS)[number]['key'];

export function isTab(text: string): text is Tab {
  return TABS.some((tab) => tab.key === text);
}
