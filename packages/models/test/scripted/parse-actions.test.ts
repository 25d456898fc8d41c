import { describe, expect, test } from 'vitest';
import { parseActions } from '../../src/scripted/parse-actions.ts';

const provision = (...workspaces: object[]) => workspaces.map((workspace) => ({ kind: 'provision', workspace }));

describe('what the built-in assistant understands', () => {
  test.each([
    ['create a workspace called research', provision({ name: 'research' })],
    ['Please create a workspace called "market research".', provision({ name: 'market research' })],
    ["Make me a new workspace named 'seo-team-1' please", provision({ name: 'seo-team-1' })],
    [
      'set up a workspace called market research from template coding-agent',
      provision({ name: 'market research', template: 'coding-agent' }),
    ],
    ['provision a workspace named x with runtime codex', provision({ name: 'x', runtime: 'codex' })],
    [
      'create a workspace called alpha from the coding-agent template with runtime Claude Code and model anthropic/claude-sonnet-5',
      provision({
        name: 'alpha',
        template: 'coding-agent',
        runtime: 'Claude Code',
        model: 'anthropic/claude-sonnet-5',
      }),
    ],
    [
      'create workspaces called alpha, beta and gamma',
      provision({ name: 'alpha' }, { name: 'beta' }, { name: 'gamma' }),
    ],
    [
      'create workspaces called a, b, and c with runtime codex',
      provision({ name: 'a', runtime: 'codex' }, { name: 'b', runtime: 'codex' }, { name: 'c', runtime: 'codex' }),
    ],
    ['create two workspaces: "one" and "two three"', provision({ name: 'one' }, { name: 'two three' })],
    [
      'create a workspace called a from template t1 and another called b with runtime codex',
      provision({ name: 'a', template: 't1' }, { name: 'b', runtime: 'codex' }),
    ],
    [
      'create a workspace called research and a workspace called writing',
      provision({ name: 'research' }, { name: 'writing' }),
    ],
    [
      'can you spin up an agent called helper running gemini cli?',
      provision({ name: 'helper', runtime: 'gemini cli' }),
    ],
    ['I need a research workspace', provision({ name: 'research' })],
    ['create the workspace “ünïcode name”', provision({ name: 'ünïcode name' })],
    ['create a workspace for market research', provision({ name: 'market research' })],
    ['create a workspace called child under research', provision({ name: 'child', parent: 'research' })],
    ['create a workspace with the name v1.2-beta.', provision({ name: 'v1.2-beta' })],
    ['create a workspace', [{ kind: 'provision-unnamed' }]],
    ['list workspaces', [{ kind: 'list' }]],
    ['Show me all my workspaces', [{ kind: 'list' }]],
    ['which workspaces do I have?', [{ kind: 'list' }]],
    ['list the templates', [{ kind: 'templates' }]],
    ['why is research offline?', [{ kind: 'why', name: 'research' }]],
    ['Why is the workspace "market research" not online?', [{ kind: 'why', name: 'market research' }]],
    ["what's wrong with seo-team?", [{ kind: 'why', name: 'seo-team' }]],
    ['restart research', [{ kind: 'restart', name: 'research' }]],
    ['restart the workspace research please', [{ kind: 'restart', name: 'research' }]],
    [
      'pause the research workspace and resume writing',
      [
        { kind: 'pause', name: 'research' },
        { kind: 'resume', name: 'writing' },
      ],
    ],
    [
      'delete research and writing',
      [
        { kind: 'remove', name: 'research' },
        { kind: 'remove', name: 'writing' },
      ],
    ],
    ['remove the workspace called "old one"', [{ kind: 'remove', name: 'old one' }]],
    [
      'tell research to summarise the news, in three lines',
      [{ kind: 'send', name: 'research', text: 'summarise the news, in three lines' }],
    ],
    ['ask research what time it is', [{ kind: 'send', name: 'research', text: 'what time it is' }]],
    ['send research a message: hello there', [{ kind: 'send', name: 'research', text: 'hello there' }]],
    ['send "hello there" to research', [{ kind: 'send', name: 'research', text: 'hello there' }]],
    ['send a message to research saying hello', [{ kind: 'send', name: 'research', text: 'hello' }]],
    [
      'create a workspace called research and ask it to read the paper',
      [...provision({ name: 'research' }), { kind: 'send', name: 'research', text: 'read the paper' }],
    ],
    [
      'create a workspace called research, then list workspaces',
      [...provision({ name: 'research' }), { kind: 'list' }],
    ],
    ['what is the weather?', []],
    ['tell me a joke', []],
    ['', []],
  ])('%s', (prompt, expected) => {
    expect(parseActions(prompt)).toEqual(expected);
  });
});
