import { createHash } from 'node:crypto';
// eslint-disable-next-line no-restricted-syntax -- reads back what was written
import { createReadStream } from 'node:fs';
// eslint-disable-next-line no-restricted-syntax -- writes
import { open, rename, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import type { Deadline } from '../../../../platform/batch/deadline';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { privateMode } from '../../../../platform/files/privateFile';
import { shellQuote } from '../../../../platform/text/shellQuote';
import type { HostTransport } from '../../../../platform/transport/hostTransport';
import { openHostFile } from './hostFile';
import type { Downloaded, DownloadOptions } from '../logs';
import type { RangedFile } from './rangedFile';

/** Bytes that are asked for at once, in requests of 32 KiB; the next are on their way while these are written. */
const blockBytes = 2 * 1024 * 1024;
const mostAttempts = 6;
const firstWaitMs = 250;

/** Copies a file of a host to `target`, going on with a partial copy. @throws MusterError */
export async function downloadFile(
  transport: HostTransport,
  host: Host,
  path: string,
  target: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const { deadline } = options;
  const part = `${target}.part`;
  let done = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  let size: number;
  for (let attempt = 1; ; attempt++) {
    const before = done;
    try {
      const file = await openHostFile(transport, host, path, deadline);
      try {
        size = file.size;
        // What is longer than the file is a part of another one.
        if (done > size) done = 0;
        done = await copy(file, part, done, options, (at) => (done = at));
      } finally {
        await file.close();
      }
      break;
    } catch (error) {
      if (done > before) attempt = 1;
      const isLost = MusterError.is(error, 'RESET', 'TIMEOUT', 'REFUSED', 'UNREACHABLE', 'CIRCUIT_OPEN');
      if (!isLost || deadline.aborted || attempt >= mostAttempts) throw error;
      await delay(firstWaitMs * 2 ** attempt, undefined, { signal: deadline.signal }).catch(() => {});
    }
  }
  const sha256 = await hashOf(part);
  const theirs = await hashOnHost(transport, host, path, size, deadline);
  if (theirs !== undefined && theirs !== sha256) {
    throw new MusterError('CONFLICT', t('the copy of {0} differs from the file', path), {
      host: host.name,
      hint: t(
        'It was changed while it was copied, or a partial copy was of another file: remove it and try again.',
      ),
    });
  }
  await rename(part, target);
  return { bytes: done, sha256, verified: theirs !== undefined };
}

async function copy(
  file: RangedFile,
  part: string,
  from: number,
  { deadline, onProgress }: DownloadOptions,
  wrote: (at: number) => void,
): Promise<number> {
  const output = await open(part, from > 0 ? 'r+' : 'w', privateMode.file);
  try {
    await output.chmod(privateMode.file);
    await output.truncate(from);
    let at = from;
    const read = (offset: number) => {
      const length = Math.min(blockBytes, file.size - offset);
      const bytes = length > 0 ? file.read(offset, length, deadline) : Promise.resolve(new Uint8Array());
      // It is looked at when its turn comes.
      bytes.catch(() => {});
      return bytes;
    };
    let next = read(at);
    for (;;) {
      const bytes = await next;
      if (bytes.length === 0) return at;
      next = read(at + bytes.length);
      await output.write(bytes, 0, bytes.length, at);
      at += bytes.length;
      wrote(at);
      onProgress?.({ done: at, total: file.size });
    }
  } finally {
    await output.close();
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** SHA-256 of the first `size` bytes, for a file that grows; undefined where the host cannot tell. */
async function hashOnHost(
  transport: HostTransport,
  host: Host,
  path: string,
  size: number,
  deadline: Deadline,
): Promise<string | undefined> {
  const command = `head -c ${size} -- ${shellQuote(path)} | sha256sum`;
  try {
    const channel = await transport.exec(host, `sh -c ${shellQuote(command)}`, { deadline });
    channel.stderr.resume();
    const [output] = await Promise.all([text(channel.stdout), channel.exit]);
    return /^([0-9a-f]{64})\b/.exec(output)?.[1];
  } catch (error) {
    if (deadline.aborted) throw error;
    return undefined;
  }
}
