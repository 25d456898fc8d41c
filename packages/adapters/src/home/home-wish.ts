import type { DesiredServer } from '@molecule/contracts';
import type { RenderInput, RenderNote } from '../contract/index.ts';
import type { RenderedSource } from './home-ledger.ts';

/** What a set of sources asks of a runtime. Where two of them name the same thing, the one that was rendered first has it. */
export interface JointWish extends Pick<RenderInput, 'servers' | 'skills' | 'identity'> {
  readonly conflicts: readonly RenderNote[];
}

/** Pure. `before` tells whether there are instructions of ours that have to go. */
export function jointWish(wished: readonly RenderedSource[], before: readonly RenderedSource[]): JointWish {
  const servers = new Map<string, DesiredServer>();
  const skills = new Map<string, RenderInput['skills'][number]>();
  const conflicts: RenderNote[] = [];
  const taken = (plugin: string, what: string, name: string, by: string): void =>
    void conflicts.push({
      server: what === 'server' ? name : null,
      file: plugin,
      action: 'kept_theirs',
      detail: `the ${what} ${name} of ${plugin} is not rendered: ${by} has one of that name`,
    });
  const skillOwners = new Map<string, string>();
  for (const source of wished) {
    for (const server of source.servers) {
      const other = servers.get(server.name);
      if (other === undefined) servers.set(server.name, server);
      else taken(source.plugin, 'server', server.name, other.plugin);
    }
    for (const skill of source.skills) {
      const other = skillOwners.get(skill.name);
      if (other !== undefined) taken(source.plugin, 'skill', skill.name, other);
      else {
        skills.set(skill.name, skill);
        skillOwners.set(skill.name, source.plugin);
      }
    }
  }
  return {
    servers: [...servers.values()],
    skills: [...skills.values()],
    identity: identityOf(wished, before),
    conflicts,
  };
}

/** Null leaves the file of instructions alone; empty takes our part out of it. */
function identityOf(wished: readonly RenderedSource[], before: readonly RenderedSource[]): string | null {
  const texts = wished.flatMap(({ instructions }) => instructions);
  if (texts.length > 0) return texts.map((text) => text.trimEnd()).join('\n\n');
  return before.some(({ instructions }) => instructions.length > 0) ? '' : null;
}

/** Every source of both lists, so that whatever one of them put somewhere stays on record. */
export function sourcesOfBoth(
  before: readonly RenderedSource[],
  after: readonly RenderedSource[],
): readonly RenderedSource[] {
  return [...before.filter(({ source }) => !after.some((each) => each.source === source)), ...after];
}
