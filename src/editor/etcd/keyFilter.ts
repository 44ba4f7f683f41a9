/** Which keys of a cluster are shown. */
export interface KeyFilter {
  /** What all of them begin with. */
  prefix: Buffer;
  matches: (key: Buffer) => boolean;
}

/**
 * `^text`: keys that begin with it, below the cluster's prefix or with it; any other text: keys that have it anywhere,
 * in upper or lower case.
 */
export function keyFilter(text: string, prefix: Buffer): KeyFilter {
  if (!text.startsWith('^')) {
    const wanted = text.toLowerCase();
    return { prefix, matches: (key) => key.toString().toLowerCase().includes(wanted) };
  }
  const typed = Buffer.from(text.slice(1));
  const beginning = beginsWith(typed, prefix)
    ? typed
    : beginsWith(prefix, typed)
      ? prefix
      : Buffer.concat([prefix, typed]);
  return { prefix: beginning, matches: (key) => beginsWith(key, beginning) };
}

function beginsWith(key: Buffer, beginning: Buffer): boolean {
  return key.subarray(0, beginning.length).equals(beginning);
}
