import { createWriteStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type FileContent =
  string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** What is open in this process already, such as its own standard output. */
const ownDescriptor = /^\/(?:dev|proc\/self)\/(?:fd\/(\d{1,9})|(stdout)|(stderr))$/;

/** Writes into what is not to be replaced: a device, a pipe, what is open here. False where `file` is none of these. */
export async function writeInPlace(file: string, content: FileContent): Promise<boolean> {
  const known = await stat(file).catch(() => undefined);
  if (!known) return false;
  if (!known.isFile()) {
    await writeFile(file, content);
    return true;
  }
  // Behind it may be a file, which whoever has redirected the output goes on to write and to read.
  const [, digits, stdout, stderr] = ownDescriptor.exec(file) ?? [];
  const fd = digits === undefined ? (stdout && 1) || (stderr && 2) : Number(digits);
  if (!fd) return false;
  const isWhole = typeof content === 'string' || content instanceof Uint8Array;
  await pipeline(
    Readable.from(isWhole ? [content] : content),
    createWriteStream('', { fd, autoClose: false }),
  );
  return true;
}
