export { type DatabaseProxy, databaseProxy } from './database-proxy.ts';
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.ts';
