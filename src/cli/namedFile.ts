// eslint-disable-next-line no-restricted-syntax -- a pipe that the user names on the command line is meant
import { createReadStream, type Stats } from 'node:fs';
// eslint-disable-next-line no-restricted-syntax -- the same
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { orCancelled } from '../core/deadline';
import { readRegularFile, tooLarge } from '../core/files/regularFile';
import type { Cli } from './cli';

/**
 * All of a file that the user names on the command line, or of our standard input if it is `-`. Other than a path that
 * stands in a file, it may be a pipe or a device: `<(COMMAND)`, `/dev/stdin`.
 * @throws FileRefusal TOO_LARGE, MusterError CANCELLED, and what opening and reading throw
 */
export function readNamedFile(
  file: string,
  limit: number,
  { cwd, interruption: { signal } }: Cli,
): Promise<Buffer> {
  // What waits for a writer is left behind: the process ends without it.
  return orCancelled(signal, async () => {
    const all = (stream: Readable) => readStream(addAbortSignal(signal, stream), limit);
    if (file === '-') return all(process.stdin);
    const target = path.resolve(cwd, file);
    const status = await stat(target);
    if (status.isFile() || status.isDirectory()) return readRegularFile(target, limit);
    return all(await openStream(target, status));
  });
}

/** A silent pipe is read as a socket: a pending read of a file would take one of the four threads for files. */
async function openStream(file: string, status: Stats): Promise<Readable> {
  if (!status.isFIFO()) return createReadStream(file);
  const { fd } = await open(file);
  return new Socket({ fd, readable: true, writable: false });
}

async function readStream(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
