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
    return { prefix, matches: containing(text) };
  }
  const typed = Buffer.from(text.slice(1));
  const beginning = beginsWith(typed, prefix)
    ? typed
    : beginsWith(prefix, typed)
      ? prefix
      : Buffer.concat([prefix, typed]);
  return { prefix: beginning, matches: (key) => beginsWith(key, beginning) };
}

/** Tells keys that have a text anywhere, in upper or lower case, or these bytes. */
export function containing(text: string, bytes: Buffer = Buffer.from(text)): (key: Buffer) => boolean {
  const wanted = text.toLowerCase();
  return (key) => key.toString().toLowerCase().includes(wanted) || key.includes(bytes);
}

export function beginsWith(key: Buffer, beginning: Buffer): boolean {
  return key.subarray(0, beginning.length).equals(beginning);
}
