import type { Workspace } from '../api/wire.generated.ts';
import { STATUS } from '../design/status.ts';

/** Why nothing of an answer is there yet, in words that are true. */
export function waitingFor(
  workspace: Workspace,
  taskId: string | null,
  running: Readonly<Record<string, string>> | undefined,
): string {
  if (taskId !== null && running?.[taskId] !== undefined) return 'Working';
  switch (workspace.status) {
    case 'online':
      return 'Taken in, starting';
    case 'provisioning':
    case 'booting':
    case 'hibernated':
      return `Taken in. ${workspace.name} is starting and answers when it is online.`;
    case 'paused':
      return `Taken in. ${workspace.name} is paused and answers when it is resumed.`;
    default:
      return `Taken in. ${workspace.name} is ${STATUS[workspace.status].label.toLowerCase()} and answers when it is online again.`;
  }
}
