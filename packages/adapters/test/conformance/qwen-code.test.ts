import { adapterFor } from '../../src/index.ts';
import { detectOnce } from './detect-once.ts';
import { installedRuntime } from './installed-runtime.ts';
import { observedCases } from './observations.ts';
import { renderingCases } from './rendering-cases.ts';
import { serverKindCases } from './server-kind-cases.ts';
import { testHost } from './test-host.ts';
import { turnCases } from './turn-cases.ts';

const adapter = adapterFor('qwen-code');
const HOST_ENV = testHost({ MOLECULE_QWEN_CODE_PATH: installedRuntime('qwen') });

renderingCases(adapter);
turnCases(adapter, HOST_ENV, 'connected', { continuesCutAnswers: true, retryAfterSeconds: 1 });
serverKindCases(adapter, HOST_ENV);
observedCases(adapter, async () => (await detectOnce(adapter, HOST_ENV)).version);
