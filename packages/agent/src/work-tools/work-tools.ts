import { readFile } from 'node:fs/promises';
import { dynamicTool, jsonSchema, type ToolSet } from 'ai';
import type { Skill } from '../configuration/skills.ts';
import { boundedText } from './bounded-text.ts';
import { listWorkFiles, readWorkFile, writeWorkFile } from './files.ts';
import { runCommand } from './run-command.ts';

interface Definition {
  readonly description: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly optional?: readonly string[];
  run(input: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string>;
}

/** The agent's own tools: files and commands inside `folder`, and reading of skills when there are some. */
export function workTools(folder: string, skills: readonly Skill[]): ToolSet {
  const definitions: Record<string, Definition> = {
    read_file: {
      description: 'Read a text file of the working folder.',
      properties: { path: 'Path relative to the working folder.' },
      run: (input) => readWorkFile(folder, text(input, 'path')),
    },
    write_file: {
      description: 'Write a text file in the working folder, replacing what was there; missing folders are made.',
      properties: { path: 'Path relative to the working folder.', content: 'The whole new content.' },
      run: (input) => writeWorkFile(folder, text(input, 'path'), text(input, 'content')),
    },
    list_files: {
      description: 'List a folder of the working folder. Folders end with a slash.',
      properties: { path: 'Path relative to the working folder; the folder itself when absent.' },
      optional: ['path'],
      run: (input) => listWorkFiles(folder, input['path'] ?? '.'),
    },
    run_command: {
      description: 'Run a shell command in the working folder and get its output and exit code.',
      properties: { command: 'The command line, for /bin/sh.' },
      run: (input, signal) => runCommand(folder, text(input, 'command'), signal),
    },
  };
  if (skills.length > 0) {
    definitions['read_skill'] = {
      description: 'Read the instructions of a skill by its name.',
      properties: { name: 'Name of the skill.' },
      run: async (input) => {
        const skill = skills.find((candidate) => candidate.name === input['name']);
        if (skill === undefined)
          throw new Error(
            `There is no skill "${input['name'] ?? ''}". Skills: ${skills.map((known) => known.name).join(', ')}.`,
          );
        return boundedText(await readFile(skill.path, 'utf8'));
      },
    };
  }
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, asTool(definition)]));
}

function asTool(definition: Definition) {
  const names = Object.keys(definition.properties);
  return dynamicTool({
    description: definition.description,
    inputSchema: jsonSchema({
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(definition.properties).map(([name, description]) => [name, { type: 'string', description }]),
      ),
      required: names.filter((name) => !definition.optional?.includes(name)),
      additionalProperties: false,
    }),
    execute: (input, options) => definition.run(strings(input), options.abortSignal ?? new AbortController().signal),
  });
}

/** Models sometimes send numbers or nothing; only strings are taken. */
function strings(input: unknown): Record<string, string> {
  if (typeof input !== 'object' || input === null) return {};
  return Object.fromEntries(
    Object.entries(input).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function text(input: Readonly<Record<string, string>>, name: string): string {
  const value = input[name];
  if (value === undefined) throw new Error(`The argument ${name} is missing.`);
  return value;
}
