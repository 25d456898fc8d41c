import type { Kysely } from 'kysely';
import type { DB } from './schema.ts';

/** Anything that runs statements: the database itself or a transaction. Repositories take it first, so that a service decides what commits together. */
export type Executor = Kysely<DB>;
