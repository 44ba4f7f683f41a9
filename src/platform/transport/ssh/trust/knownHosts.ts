import { createHmac } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { t } from '../../../l10n/l10n';
import { keyTypeOf } from '../sshWire';
import { matchesPatternList } from '../config/wildcard';

/** A line of a known_hosts file; see sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownHostsEntry {
  /** `unreadable`: the line is about the host, and what it says of it is not known. */
  marker: 'revoked' | 'cert-authority' | 'unreadable' | undefined;
  keyType: string;
  /** The public key in wire format. */
  readonly key: Buffer;
  readonly file: string;
  readonly line: number;
}

type NameMatch =
  | { kind: 'hashed'; salt: Buffer; hash: Buffer }
  | { kind: 'patterns'; patterns: readonly string[] }
  | { kind: 'names'; names: readonly string[] };

/** Comparisons with hashed names between two turns of the event loop: about 10 ms. */
const hashesPerTurn = 1000;

/** What one known_hosts file says. Lines that cannot be read vouch for nothing, as for OpenSSH. */
export class KnownHosts {
  /** Lines that were not understood, for the log. */
  readonly unreadableLines: number[] = [];
  private readonly byName = new Map<string, Entry[]>();
  private readonly byPattern: { patterns: readonly string[]; entry: Entry }[] = [];
  private readonly hashed: { salt: Buffer; hash: Buffer; entry: Entry }[] = [];
  private readonly found = new Map<string, Promise<readonly KnownHostsEntry[]>>();

  /** @throws Error when the text is no known_hosts file, or when a revocation cannot be read */
  constructor(
    readonly file: string,
    text: string,
  ) {
    if (text.includes('\0')) throw new Error(t('it holds binary data'));
    let number = 0;
    for (const line of text.split('\n')) {
      number++;
      const content = line.trim();
      if (content !== '' && !content.startsWith('#')) this.addLine(content, number);
    }
  }

  /** The entries for a name: `host`, or `[host]:port` for another port than 22. Remembers what it found. */
  entriesFor(name: string): Promise<readonly KnownHostsEntry[]> {
    const lowerCase = name.toLowerCase();
    let entries = this.found.get(lowerCase);
    if (!entries) this.found.set(lowerCase, (entries = this.search(lowerCase)));
    return entries;
  }

  private addLine(content: string, line: number): void {
    const words = content.split(/[ \t]+/);
    const marker = words[0]!.startsWith('@') ? words.shift()!.slice(1) : undefined;
    const [names = '', keyType = '', base64 = ''] = words;
    const match = nameMatch(names);
    const isKnown = marker === undefined || marker === 'revoked' || marker === 'cert-authority';
    const read = new Entry(isKnown ? marker : 'unreadable', keyType, base64, this.file, line);
    const sound = keyType !== '' && keyTypeOf(read.key) === keyType;
    if (marker === 'revoked' && !(sound && match)) {
      // Passing over a revocation would trust a key that must not be trusted.
      throw new Error(t('line {0} revokes a key, but it cannot be read', line));
    }
    if (!sound || !match || !isKnown) this.unreadableLines.push(line);
    if (!match) return;
    const entry = sound ? read : new Entry('unreadable', keyType, base64, this.file, line);
    if (match.kind === 'hashed') this.hashed.push({ ...match, entry });
    else if (match.kind === 'patterns') this.byPattern.push({ ...match, entry });
    else {
      for (const name of match.names) {
        const entries = this.byName.get(name);
        if (entries) entries.push(entry);
        else this.byName.set(name, [entry]);
      }
    }
  }

  private async search(name: string): Promise<readonly KnownHostsEntry[]> {
    const entries = [...(this.byName.get(name) ?? [])];
    for (const { patterns, entry } of this.byPattern) {
      if (matchesPatternList(patterns, name)) entries.push(entry);
    }
    let compared = 0;
    for (const { salt, hash, entry } of this.hashed) {
      if (createHmac('sha1', salt).update(name).digest().equals(hash)) entries.push(entry);
      if (++compared % hashesPerTurn === 0) await setImmediate();
    }
    return entries;
  }
}

/** Keeps the key as text until it is asked for: most lines of a long file never are. */
class Entry implements KnownHostsEntry {
  constructor(
    readonly marker: KnownHostsEntry['marker'],
    readonly keyType: string,
    private readonly base64: string,
    readonly file: string,
    readonly line: number,
  ) {}

  get key(): Buffer {
    return Buffer.from(this.base64, 'base64');
  }
}

function nameMatch(names: string): NameMatch | undefined {
  if (names.startsWith('|')) {
    const [, version, salt, hash] = names.split('|');
    if (version !== '1' || salt === undefined || hash === undefined) return undefined;
    return { kind: 'hashed', salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
  }
  const list = names.toLowerCase().split(',').filter(Boolean);
  if (list.length === 0) return undefined;
  return /[*?!]/.test(names) ? { kind: 'patterns', patterns: list } : { kind: 'names', names: list };
}

/** The name under which a host is found in known_hosts. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}
