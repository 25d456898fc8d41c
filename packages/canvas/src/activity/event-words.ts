import type { MoleculeEvent } from '../api/wire.generated.ts';
import { plainText } from '../design/plain-text.ts';
import { readable, STATUS, type Tone } from '../design/status.ts';

/** What people read as history. Boot steps, rungs that were passed and the pieces of answers have their own places. */
export const SHOWN_TYPES: readonly MoleculeEvent['type'][] = [
  'workspace.created',
  'workspace.status',
  'workspace.removed',
  'gate.refused',
  'drift.repaired',
  'drift.contested',
  'proof.failed',
  'task.created',
  'task.ended',
  'plugin.declared',
  'plugin.refused',
  'plugin.installed',
  'plugin.uninstalled',
  'plugin.failed',
  'files.changed',
  'terminal.opened',
  'terminal.closed',
  'token.created',
  'token.revoked',
  'host.connected',
  'host.lost',
];

/** An event as one sentence without its subject, and how it is to be felt. */
export function wordsOf(event: MoleculeEvent): { readonly text: string; readonly tone: Tone } {
  const field = (name: string): string => {
    const value = event.data[name];
    return value === undefined || value === null
      ? ''
      : plainText(typeof value === 'string' ? value : JSON.stringify(value));
  };
  const because = (text: string): string => (text === '' ? '' : `: ${text}`);
  switch (event.type) {
    case 'workspace.created':
      return { text: `was created with ${field('runtime')}`, tone: 'blue' };
    case 'workspace.status': {
      const status = STATUS[field('to') as keyof typeof STATUS]; // an unknown one is undefined
      return {
        text: `is ${(status?.label ?? field('to')).toLowerCase()}${because(field('message') || (field('reason') === field('to') ? '' : readable(field('reason'))))}`,
        tone: status?.tone ?? 'grey',
      };
    }
    case 'workspace.removed':
      return { text: 'was deleted', tone: 'grey' };
    case 'gate.refused':
      return { text: `was not let online${because(field('detail') || readable(field('code')))}`, tone: 'amber' };
    case 'drift.repaired':
      return { text: `had a changed entry put back${because(field('message') || field('server'))}`, tone: 'amber' };
    case 'drift.contested':
      return {
        text: `has an entry that somebody keeps changing${because(field('message') || field('server'))}`,
        tone: 'amber',
      };
    case 'proof.passed':
      return {
        text: `proved ${field('server')} ${field('rung')}${event.data['witnessed'] === true ? ', witnessed' : ''}`,
        tone: 'green',
      };
    case 'proof.failed':
      return {
        text: `failed to prove ${field('server')} ${field('rung')}${because(readable(field('reason')))}`,
        tone: 'red',
      };
    case 'task.created':
      return { text: 'was given a task', tone: 'grey' };
    case 'task.ended':
      return field('status') === 'completed'
        ? { text: 'finished a task', tone: 'green' }
        : {
            text: `ended a task: ${field('status')}${field('failure') === '' ? '' : `, ${field('failure')}`}`,
            tone: field('status') === 'failed' ? 'red' : 'grey',
          };
    case 'plugin.declared':
      return {
        text: `has the plugin ${field('name')}${field('source') === '' ? '' : ` from ${field('source')}`}`,
        tone: 'grey',
      };
    case 'plugin.refused':
      return { text: `was refused the plugin ${field('name')}${because(field('message'))}`, tone: 'amber' };
    case 'plugin.installed':
      return { text: `has installed ${field('name')}`, tone: 'green' };
    case 'plugin.uninstalled':
      return { text: `is without ${field('name')} now`, tone: 'grey' };
    case 'plugin.failed':
      return { text: `could not install ${field('name')}${because(field('message'))}`, tone: 'red' };
    case 'plugin.changed':
      return {
        text: pluginChange(field),
        tone: field('tools') === 'held' || field('state') === 'rolled_back' ? 'red' : 'blue',
      };
    case 'files.changed':
      return { text: `had ${field('path')} ${field('how')} by a person`, tone: 'grey' };
    case 'terminal.opened':
      return { text: 'had a terminal opened by a person', tone: 'amber' };
    case 'terminal.closed':
      return { text: `had a terminal closed${because(readable(field('reason')))}`, tone: 'grey' };
    case 'token.created':
      return { text: `The token "${field('name')}" was made`, tone: 'grey' };
    case 'token.revoked':
      return {
        text: event.workspaceId === null ? 'A token was revoked' : 'lost the tokens of its former box',
        tone: 'grey',
      };
    case 'host.connected':
      return { text: `The box host ${field('hostname')} connected`, tone: 'green' };
    case 'host.lost':
      return { text: `The box host was lost${because(readable(field('reason')))}`, tone: 'red' };
    default:
      return { text: readable(event.type), tone: 'grey' };
  }
}

function pluginChange(field: (name: string) => string): string {
  const server = field('server');
  switch (field('tools')) {
    case 'held':
      return `has the server ${server} held back: its tools changed`;
    case 'flagged':
      return `has changed tools on the server ${server}`;
    case 'accepted':
      return `had the changed tools of ${server} accepted`;
    case 'pinned':
      return `has the accepted tools of ${server} again`;
    default:
      return `changes the plugin ${field('plugin')}${field('state') === '' ? '' : `: ${readable(field('state'))}`}`;
  }
}
