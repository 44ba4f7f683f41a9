/** What a header of a tar archive says: ustar, which every tar reads. */
export interface TarEntry {
  name: string;
  kind: 'file' | 'folder';
  size: number;
  mode: number;
  mtime: number;
  uid: number;
  gid: number;
}

export const blockBytes = 512;
/** What ends an archive. */
export const endOfArchive = Buffer.alloc(2 * blockBytes);

const largest = { name: 100, prefix: 155, size: 8 ** 11 - 1, mtime: 8 ** 11 - 1, id: 8 ** 7 - 1 };

/** Whether ustar can say it. */
export function fitsTar(entry: TarEntry): boolean {
  const { size, mtime, uid, gid } = entry;
  const isTimely = mtime >= 0 && mtime <= largest.mtime;
  return (
    isTimely && size <= largest.size && uid <= largest.id && gid <= largest.id && split(entry) !== undefined
  );
}

/** The header of an entry that fits. */
export function tarHeader(entry: TarEntry): Buffer {
  const { kind, size, mode, mtime, uid, gid } = entry;
  const parts = split(entry)!;
  // Of the memory that small buffers share.
  const header = Buffer.allocUnsafe(blockBytes).fill(0);
  const octal = (value: number, at: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  header.write(parts.name, 0);
  octal(mode, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  header.write('        ', 148, 'latin1');
  header.write(kind === 'folder' ? '5' : '0', 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(parts.prefix, 345);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Zeros that fill the last block of a content of this size. */
export const padding = (size: number): Buffer => endOfArchive.subarray(0, -size & (blockBytes - 1));

/** A long path goes into two fields. */
function split({ kind, name: written }: TarEntry): { name: string; prefix: string } | undefined {
  const path = kind === 'folder' ? `${written}/` : written;
  if (Buffer.byteLength(path) <= largest.name) return { name: path, prefix: '' };
  // The last slash that leaves enough before it.
  for (let at = path.lastIndexOf('/', path.length - 2); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const name = path.slice(at + 1);
    const prefix = path.slice(0, at);
    if (Buffer.byteLength(name) > largest.name) return undefined;
    if (Buffer.byteLength(prefix) <= largest.prefix) return { name, prefix };
  }
  return undefined;
}
