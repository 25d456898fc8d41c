import { useQuery } from '@tanstack/react-query';
import type { Routes } from '../api/wire.generated.ts';
import { sessionQuery } from './queries.ts';

type Scope = Routes['GET /api/v1/session']['reply']['scopes'][number];

/** Whether the person who is signed in may do it. Only for what the page offers: the server decides at every request. */
export function useMay(scope: Scope): boolean {
  return useQuery(sessionQuery).data?.scopes.includes(scope) ?? false;
}
