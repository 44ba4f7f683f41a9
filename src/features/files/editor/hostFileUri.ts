import { posix } from 'node:path';

export const hostFileScheme = 'muster-ssh';

/** A file or folder on a host. */
export interface HostFile {
  /** The host's name in the inventory. */
  host: string;
  /** Absolute, with slashes. */
  path: string;
  /** Id of the fleet; needed only where several inventories have a host of that name. */
  inventory?: string;
}

/** The parts of a URI as VS Code keeps them, decoded. */
export interface UriParts {
  scheme: string;
  authority: string;
  path: string;
  query: string;
}

const inventoryKey = 'inventory=';

/**
 * The parts of `muster-ssh://HOST/path`, for `Uri.from`. VS Code compares hosts regardless of case and writes them in
 * lower case, so what is not of `a-z 0-9 . - _` stands as `~` with the hexadecimal digits of its UTF-8 bytes.
 */
export function hostFileUri({ host, path, inventory }: HostFile): UriParts {
  return {
    scheme: hostFileScheme,
    authority: host.replace(/[^a-z0-9._-]/gu, escaped),
    path: normalPath(path),
    query: inventory === undefined ? '' : inventoryKey + inventory,
  };
}

/** What `hostFileUri` was made of; undefined for any other URI. */
export function readHostFileUri({ scheme, authority, path, query }: UriParts): HostFile | undefined {
  const bytes = authority.replace(/%/g, '%25').replace(/~(?=[0-9a-f]{2})/gi, '%');
  const host = decoded(bytes);
  if (scheme !== hostFileScheme || !host) return undefined;
  const isNamed = query.startsWith(inventoryKey) && query.length > inventoryKey.length;
  return {
    host,
    path: normalPath(path),
    ...(isNamed && { inventory: query.slice(inventoryKey.length) }),
  };
}

function escaped(character: string): string {
  return [...Buffer.from(character)].map((byte) => `~${byte.toString(16).padStart(2, '0')}`).join('');
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** One spelling for each path, so that a file is open once. */
function normalPath(path: string): string {
  const normal = posix.normalize(`/${path}`);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
