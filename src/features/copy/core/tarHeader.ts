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

/** The header of an entry; undefined where ustar cannot say it. */
export function tarHeader({ name, kind, size, mode, mtime, uid, gid }: TarEntry): Buffer | undefined {
  const path = kind === 'folder' ? `${name}/` : name;
  const parts = split(path);
  const isTimely = mtime >= 0 && mtime <= largest.mtime;
  const fits = isTimely && size <= largest.size && uid <= largest.id && gid <= largest.id;
  if (!parts || !fits) return undefined;
  const header = Buffer.alloc(blockBytes);
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

function split(path: string): { name: string; prefix: string } | undefined {
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
