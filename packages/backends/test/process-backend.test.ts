import { createProcessBackend, readHostFacts } from '@molecule/backends';
import { backendConformance } from './conformance.ts';

backendConformance('process', async (directory) => createProcessBackend(directory, await readHostFacts()));
