import { expect, test } from 'vitest';
import { answerFailure } from '../../src/agent-client-protocol/prose-failure.ts';

test.each([
  ['{"error":{"code":401,"message":"API key not valid.","status":"UNAUTHENTICATED"}}', undefined, 'auth'],
  ['Internal error', { details: '401 Incorrect API key provided' }, 'auth'],
  ['Internal error', { details: '402 Scripted budget error.' }, 'quota'],
  [
    'Internal error',
    { details: '429 You exceeded your current quota, please check your plan and billing details.' },
    'quota',
  ],
  ['Internal error', { details: '429 Too many requests' }, 'rate_limit'],
  ['Internal error', { details: '413 Scripted too_large error.' }, 'context'],
  ['{"error":{"code":400,"message":"prompt is too long: 250000 tokens > 200000 maximum"}}', undefined, 'context'],
  ['The provider rejected the prompt as too long, but automatic recovery could not reduce it.', undefined, 'context'],
  ['Failed to get response from the AI model; Last error: 503 overloaded', undefined, 'model'],
  ['Internal error', { details: 'Model request exceeds the endpoint request-body limit (HTTP 413)' }, 'context'],
  ['404 There is no such model.', undefined, 'model'],
  ['Request timed out', undefined, 'timeout'],
  ['Internal error', { details: 'Model stream ended with empty response text.' }, 'refused'],
  ['The answer was stopped by the content filter', undefined, 'refused'],
  ['something else', undefined, 'model'],
])('%s %j is %s', (message, data, code) => {
  expect(answerFailure(message, data).code).toBe(code);
});

test('what the data says is shown where the message says nothing', () => {
  expect(answerFailure('Internal error', { details: '429 slow down' }).message).toContain('slow down');
  expect(answerFailure('slow down', { details: 'x' }).message).toBe('slow down');
});
