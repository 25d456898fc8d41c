import { z } from 'zod';
import { Problem } from '../errors/problem.ts';

/** Most bytes of a file that are read or written in one piece. */
export const LARGEST_FILE_BYTES = 10 * 1024 * 1024;
/** Of a message between control plane and box that carries a whole file in base64. */
export const LARGEST_CALL_BYTES = Math.ceil((LARGEST_FILE_BYTES * 4) / 3) + 64 * 1024;

/** Where something lies below the folder of a workspace: names with `/` between them, none of them `.` or `..`. Empty = the folder itself. */
export const FilePath = z
  .string()
  .max(4096)
  .refine((path) => path === '' || path.split('/').every(isFileName), {
    message: 'a path has names with / between them, none empty, "." or ".."',
  });

function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !name.includes('\0');
}

const FileTarget = FilePath.refine((path) => path !== '', {
  message: 'the folder of the workspace itself cannot be meant',
});

export const FileEntry = z
  .object({
    name: z.string(),
    /** `link` is shown and not followed; `other` is a device, pipe, socket, or a name that is no text. */
    kind: z.enum(['folder', 'file', 'link', 'other']),
    /** Bytes, of a file. */
    size: z.number().nonnegative().nullable(),
    modifiedAt: z.iso.datetime(),
    /** Where a link leads, as it is written there. */
    target: z.string().nullable(),
  })
  .meta({ id: 'FileEntry' });
export type FileEntry = z.infer<typeof FileEntry>;

export const FileContent = z
  .object({
    path: z.string(),
    size: z.number().nonnegative(),
    modifiedAt: z.iso.datetime(),
    /** Changes with the content: give it when saving, so that nobody's work is overwritten unseen. */
    etag: z.string(),
    /** True where it is no UTF-8 text. */
    binary: z.boolean(),
    /** As `encoding` says. */
    content: z.string(),
    encoding: z.enum(['utf8', 'base64']),
  })
  .meta({ id: 'FileContent' });
export type FileContent = z.infer<typeof FileContent>;

export const WriteFile = z
  .object({
    path: FileTarget,
    content: z.string(),
    encoding: z.enum(['utf8', 'base64']).default('utf8'),
    /** The etag that was read; null = there must be no such file yet; absent = whatever is there is replaced. */
    expected: z.string().max(100).nullable().optional(),
  })
  .strict()
  .meta({ id: 'WriteFile' });
export const WrittenFile = z
  .object({ path: z.string(), size: z.number().nonnegative(), etag: z.string(), modifiedAt: z.iso.datetime() })
  .meta({ id: 'WrittenFile' });
export type WrittenFile = z.infer<typeof WrittenFile>;
export const MakeFolder = z.object({ path: FileTarget }).strict().meta({ id: 'MakeFolder' });
export const RenameFile = z.object({ from: FileTarget, to: FileTarget }).strict().meta({ id: 'RenameFile' });

export const TerminalSize = z
  .object({ cols: z.int().min(2).max(500), rows: z.int().min(2).max(300) })
  .strict()
  .meta({ id: 'TerminalSize' });
export const TerminalInfo = z
  .object({
    id: z.uuid(),
    openedAt: z.iso.datetime(),
    openedBy: z.string(),
    cols: z.int(),
    rows: z.int(),
  })
  .meta({ id: 'TerminalInfo' });
export type TerminalInfo = z.infer<typeof TerminalInfo>;
/** What a person types, in base64; at most 48 KiB of it. */
export const TerminalInput = z
  .object({ data: z.base64().max(65_536) })
  .strict()
  .meta({ id: 'TerminalInput' });
/** Output from a position on. Positions count the bytes since the terminal was opened. */
export const TerminalOutput = z
  .object({
    /** Position of the first byte of `data`. Larger than what was asked for where the terminal no longer keeps what lies between. */
    from: z.number().int().nonnegative(),
    data: z.string(),
    /** Why it has ended; null while it lives. */
    ended: z.enum(['exited', 'closed', 'idle', 'box_ended']).nullable(),
  })
  .meta({ id: 'TerminalOutput' });
export type TerminalOutput = z.infer<typeof TerminalOutput>;

/** What the control plane asks of a box for a person. A box dials out: it is told the id, fetches the request, and sends the reply. */
export const BoxRequest = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('files.list'),
    path: FilePath,
    after: z.string().nullable(),
    limit: z.int().min(1).max(1000),
  }),
  z.object({ type: z.literal('files.read'), path: FileTarget }),
  z.object({
    type: z.literal('files.write'),
    path: FileTarget,
    content: z.string(),
    expected: z.string().nullable().optional(),
  }),
  z.object({ type: z.literal('files.folder'), path: FileTarget }),
  z.object({ type: z.literal('files.rename'), from: FileTarget, to: FileTarget }),
  z.object({ type: z.literal('files.remove'), path: FileTarget }),
  z.object({ type: z.literal('terminal.open'), id: z.uuid(), by: z.string(), ...TerminalSize.shape }),
  z.object({ type: z.literal('terminal.list') }),
  z.object({
    type: z.literal('terminal.read'),
    id: z.uuid(),
    from: z.number().int().nonnegative(),
    waitMs: z.int().min(0).max(30_000),
  }),
  z.object({ type: z.literal('terminal.write'), id: z.uuid(), data: z.base64() }),
  z.object({ type: z.literal('terminal.resize'), id: z.uuid(), ...TerminalSize.shape }),
  z.object({ type: z.literal('terminal.close'), id: z.uuid() }),
]);
export type BoxRequest = z.infer<typeof BoxRequest>;

/** What each request is answered with. */
export const BOX_REPLIES = {
  'files.list': z.object({ items: z.array(FileEntry), next: z.string().nullable() }),
  'files.read': FileContent,
  'files.write': WrittenFile,
  'files.folder': z.object({}),
  'files.rename': z.object({}),
  'files.remove': z.object({}),
  'terminal.open': TerminalInfo,
  'terminal.list': z.object({ items: z.array(TerminalInfo) }),
  'terminal.read': TerminalOutput,
  'terminal.write': z.object({}),
  'terminal.resize': z.object({}),
  'terminal.close': z.object({}),
} as const satisfies Record<BoxRequest['type'], z.ZodType>;
export type BoxReplyOf<T extends BoxRequest['type']> = z.infer<(typeof BOX_REPLIES)[T]>;

export const BoxReply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: Problem.shape.code,
    params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
  }),
]);
export type BoxReply = z.infer<typeof BoxReply>;

/** A terminal that ended, as its box tells it. */
export const TerminalEnded = z
  .object({ openedBy: z.string().max(200), reason: z.enum(['exited', 'closed', 'idle', 'box_ended']) })
  .strict();
