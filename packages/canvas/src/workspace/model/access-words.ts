import type { ModelChoice } from '../../api/wire.generated.ts';

/** How the model is reached, in words: whose key it is, and where it is kept. */
export function accessWords(choice: ModelChoice): { readonly title: string; readonly text: string } {
  if (choice.credential === null) return { title: 'None yet', text: 'No turn can run until the model is reachable.' };
  if (choice.provider === 'platform')
    return { title: 'Platform', text: "The operator's keys serve it through the gateway; the box sees none of them." };
  switch (choice.credential) {
    case 'workspace':
      return { title: 'Own key, of this workspace', text: 'The gateway puts it in; the box never sees it.' };
    case 'org':
      return { title: 'Own key, of the org', text: 'The gateway puts it in; the box never sees it.' };
    case 'environment':
      return {
        title: "The operator's key",
        text: 'From the environment that Molecule was started with. The box never sees it.',
      };
    case 'none needed':
      return { title: 'No key needed', text: 'The gateway serves it without one.' };
    default:
      return {
        title: 'Direct login',
        text: "The runtime's own login on the machine, past the gateway: its money and tokens cannot be limited, its turns and minutes can.",
      };
  }
}
