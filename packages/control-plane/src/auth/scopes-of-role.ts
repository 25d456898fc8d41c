import { SCOPES, type Scope } from '@molecule/contracts';

/** Scopes that only programs of ours hold. */
const MACHINE: readonly Scope[] = ['box:enrol', 'box:run', 'host:connect', 'mcp:self', 'llm:use'];
const READ = SCOPES.filter((scope) => scope.endsWith(':read'));

/** What each role may do (default deny). */
export function scopesOfRole(role: 'owner' | 'admin' | 'operator' | 'viewer'): readonly Scope[] {
  switch (role) {
    case 'owner':
    case 'admin':
      return SCOPES.filter((scope) => !MACHINE.includes(scope));
    case 'operator':
      return [...READ, 'workspaces:write', 'work:write', 'plugins:write', 'models:write', 'files:write'];
    case 'viewer':
      return READ;
  }
}
