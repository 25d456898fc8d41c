import {
  DeviceDesktopIcon,
  GearIcon,
  HomeIcon,
  HubotIcon,
  type Icon,
  InboxIcon,
  MoonIcon,
  PlusIcon,
  PulseIcon,
  QuestionIcon,
  SunIcon,
  WorkflowIcon,
} from '@primer/octicons-react';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { useOrg } from '../data/workspaces.ts';
import { Modal } from '../design/modal.tsx';
import { STATUS } from '../design/status.ts';
import { StatusMark } from '../design/status-mark.tsx';
import { SECTIONS } from '../settings/sections.ts';
import { chooseTheme, sheet } from './layout-state.ts';

const ROW = 'flex h-9 items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-hover max-md:h-11';
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3';

export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const { concierge, members } = useOrg();
  const act = (work: () => void) => (): void => {
    onClose();
    work();
  };
  const item = (label: string, ItemIcon: Icon, work: () => void) => (
    <Command.Item key={label} className={ROW} value={label} onSelect={act(work)}>
      <span className="text-ink-3">
        <ItemIcon size={14} />
      </span>
      {label}
    </Command.Item>
  );
  return (
    <Modal open onClose={onClose} title="Search and commands" hideTitle wide>
      <Command loop label="Search and commands" className="flex min-h-0 flex-col">
        <Command.Input
          autoFocus
          placeholder="Search workspaces and commands"
          className="h-12 shrink-0 border-b bg-transparent px-4 text-lg outline-none"
        />
        <Command.List className="min-h-0 flex-1 overflow-y-auto p-1.5 pb-2">
          <Command.Empty className="px-3 py-8 text-center text-ink-2">Nothing found.</Command.Empty>
          <Command.Group heading="Go to" className={GROUP}>
            {item('Home', HomeIcon, () => void navigate({ to: '/' }))}
            {item('Org', WorkflowIcon, () => void navigate({ to: '/org' }))}
            {item('Inbox', InboxIcon, () => void navigate({ to: '/inbox' }))}
            {item('Activity', PulseIcon, () => void navigate({ to: '/activity' }))}
            {SECTIONS.map(({ key, label }) =>
              item(
                `Settings: ${label}`,
                GearIcon,
                () => void navigate({ to: '/settings/$section', params: { section: key } }),
              ),
            )}
            {concierge !== undefined &&
              item(
                'Why is the concierge as it is',
                HubotIcon,
                () => void navigate({ to: '/w/$id/$tab', params: { id: concierge.id, tab: 'readiness' } }),
              )}
          </Command.Group>
          <Command.Group heading="Do" className={GROUP}>
            {item('Create a workspace', PlusIcon, () => sheet.set('create'))}
            {item('Keyboard shortcuts', QuestionIcon, () => sheet.set('help'))}
            {item('Light theme', SunIcon, () => chooseTheme('light'))}
            {item('Dark theme', MoonIcon, () => chooseTheme('dark'))}
            {item('Theme of the system', DeviceDesktopIcon, () => chooseTheme('system'))}
          </Command.Group>
          {members.length > 0 && (
            <Command.Group heading="Workspaces" className={GROUP}>
              {members.map((each) => (
                <Command.Item
                  key={each.id}
                  value={`${each.name} ${each.id}`}
                  keywords={[each.runtime, STATUS[each.status].label]}
                  className={ROW}
                  onSelect={act(() => void navigate({ to: '/w/$id/$tab', params: { id: each.id, tab: 'chat' } }))}
                >
                  <StatusMark status={each.status} />
                  <bdi className="min-w-0 flex-1 truncate">{each.name}</bdi>
                  <span className="text-xs text-ink-3">
                    {STATUS[each.status].label}, {each.runtime}
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </Modal>
  );
}
