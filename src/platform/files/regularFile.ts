import { constants, type Stats } from 'node:fs';
// eslint-disable-next-line no-restricted-syntax -- the one place where a file that something names is opened
import { type FileHandle, open, stat } from 'node:fs/promises';
import { devNull } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { t } from '../l10n/l10n';

const mebibyte = 1024 ** 2;

/** What a file of a kind may hold at most, in bytes. */
export const largestFile = {
  /** muster.yaml, Ansible inventories and ssh_config. */
  inventory: 32 * mebibyte,
  key: mebibyte,
  certificates: 16 * mebibyte,
  knownHosts: 64 * mebibyte,
  /** Lists and tables that hosts are imported from. */
  hostList: 8 * mebibyte,
  /** What is held in memory and sent to every host, and files of keys. */
  input: 64 * mebibyte,
  profile: 2 ** 31 - 1,
  sourceMap: 200_000_000,
  /** What Muster wrote into its own folder. */
  own: 512 * mebibyte,
} as const;

/** The flags do nothing to a regular file: a pipe is opened without waiting, a terminal does not become ours. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const chunkBytes = 256 * 1024;

/** Why a file is not read although it is there. */
export class FileRefusal extends Error {
  override readonly name = 'FileRefusal';

  constructor(
    readonly code: 'NOT_REGULAR' | 'TOO_LARGE',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Works on a regular file that is opened for reading, at once whatever the path leads to, and closes it.
 * @throws FileRefusal NOT_REGULAR for a pipe, a device and the like; what opening and `work` throw
 */
export async function withRegularFile<T>(
  path: string,
  work: (handle: FileHandle, status: Stats) => Promise<T>,
): Promise<T> {
  const { handle, status } = await openRegularFile(path);
  try {
    return await work(handle, status);
  } finally {
    await handle.close();
  }
}

/** As `withRegularFile`, for a file that stays open: the caller closes it. */
export async function openRegularFile(path: string): Promise<{ handle: FileHandle; status: Stats }> {
  if (process.platform === 'win32' && /^[\\/]{2}[.?][\\/]/.test(path))
    throw new FileRefusal('NOT_REGULAR', t('it is a device, not a file'));
  // Before it is opened, which alone does things to some devices.
  await refuseIrregular(await stat(path));
  const handle = await open(path, flags);
  try {
    const status = await handle.stat();
    // Another one may stand there by now.
    await refuseIrregular(status);
    return { handle, status };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * All that a regular file holds; the null device is empty.
 * @throws FileRefusal NOT_REGULAR, TOO_LARGE for more than `limit` bytes; what opening and reading throw
 */
export async function readRegularFile(path: string, limit: number): Promise<Buffer> {
  if (path === devNull) return Buffer.alloc(0);
  return withRegularFile(path, async (handle, { size }) => {
    if (size > limit) throw tooLarge(limit);
    return readToEnd(handle, size, limit);
  });
}

/** The same as UTF-8. */
export async function readRegularText(path: string, limit: number): Promise<string> {
  return (await readRegularFile(path, limit)).toString('utf8');
}

export function tooLarge(limit: number): FileRefusal {
  return new FileRefusal('TOO_LARGE', t('it is larger than {0} MiB', Math.round(limit / mebibyte)));
}

/**
 * All that an open file holds. The size is what it had when it was opened: it may grow, and some file systems say nothing.
 * @throws FileRefusal TOO_LARGE
 */
export async function readToEnd(handle: FileHandle, size: number, limit: number): Promise<Buffer> {
  let bytes = Buffer.allocUnsafe(Math.min(size, limit) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
    if (length > limit) throw tooLarge(limit);
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(limit + 1, Math.max(chunkBytes, 2 * length)));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
    // Others have their turn while a file is written to all the time.
    await delay(0);
  }
}

/** @throws FileRefusal NOT_REGULAR saying what it is */
async function refuseIrregular(status: Stats): Promise<void> {
  const kind = await kindOf(status);
  if (kind !== undefined) throw new FileRefusal('NOT_REGULAR', kind);
}

/** What it is in place of a regular file; undefined for one. */
async function kindOf(status: Stats): Promise<string | undefined> {
  if (status.isDirectory()) return t('it is a folder');
  if (status.isFIFO()) return t('it is a named pipe, not a file');
  if (status.isSocket()) return t('it is a socket, not a file');
  if (!status.isFile()) return t('it is a device, not a file');
  if ((await kernelFileSystems()).has(status.dev))
    return t('the kernel makes it up: it is not a file on disk');
  return undefined;
}

let kernelDevices: Promise<ReadonlySet<number>> | undefined;

/** The devices of /proc and /sys: their files may never end, wait, or say what only this process may know. */
function kernelFileSystems(): Promise<ReadonlySet<number>> {
  kernelDevices ??= findKernelFileSystems();
  return kernelDevices;
}

async function findKernelFileSystems(): Promise<ReadonlySet<number>> {
  if (process.platform !== 'linux') return new Set();
  const deviceOf = async (folder: string) => (await stat(folder).catch(() => undefined))?.dev;
  const [root, ...devices] = await Promise.all(['/', '/proc', '/sys'].map(deviceOf));
  // Where nothing is mounted there, they are folders as any other.
  return new Set(devices.filter((device) => device !== undefined && device !== root) as number[]);
}
