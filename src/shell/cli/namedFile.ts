// eslint-disable-next-line no-restricted-syntax -- a pipe that the user names on the command line is meant
import { open } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { orCancelled } from '../../platform/batch/deadline';
import { readRegularFile, tooLarge } from '../../platform/files/regularFile';
import type { Cli } from './cli';

/**
 * All of a file that the user names on the command line, or of our standard input if it is `-`. Other than a path that
 * stands in a file, it may be a pipe: `<(COMMAND)`, `/dev/stdin`.
 * @throws FileRefusal, MusterError CANCELLED, and what opening and reading throw
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
    if (standardInput.has(target)) return all(process.stdin);
    return (await stat(target)).isFIFO() ? all(await openPipe(target)) : readRegularFile(target, limit);
  });
}

const standardInput = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);

/** A silent pipe is read as a socket: a pending read of a file would take one of the four threads for files. */
async function openPipe(file: string): Promise<Readable> {
  // Not a FileHandle, which closes what the socket reads.
  const fd = await promisify(open)(file, 'r');
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
