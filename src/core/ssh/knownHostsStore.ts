import { mkdir, open, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { MusterError } from '../errors';
import type { Logger } from '../host';
import { HostTrust } from './hostTrust';
import { KnownHosts, knownHostsName } from './knownHosts';
import { keyTypeOf } from './sshWire';

/** What is read where a host names no known_hosts files, as by OpenSSH. */
export const defaultKnownHosts = [
  path.join(homedir(), '.ssh', 'known_hosts'),
  path.join(homedir(), '.ssh', 'known_hosts2'),
  '/etc/ssh/ssh_known_hosts',
  '/etc/ssh/ssh_known_hosts2',
];

/** A larger file is no list of hosts. */
const maxBytes = 64 * 1024 * 1024;
/** For how many milliseconds a file is taken as unchanged: a fan-out looks at it for every host. */
const freshMs = 200;

interface CachedFile {
  checkedAt: number;
  version: string;
  content: Promise<KnownHosts | undefined>;
}

/** The user's known_hosts files, which are only read, and Muster's own, which is appended to. */
export class KnownHostsStore {
  private readonly cache = new Map<string, CachedFile>();
  private appending: Promise<void> = Promise.resolve();

  constructor(
    /** Muster's own file. */
    private readonly ownFile: string,
    private readonly logger: Logger,
  ) {}

  /** @throws MusterError HOST_KEY_UNKNOWN when a file is there and cannot be read: nothing is trusted then */
  async trustFor(host: string, port: number, files: readonly string[]): Promise<HostTrust> {
    const contents = await Promise.all([...new Set([...files, this.ownFile])].map((file) => this.load(file)));
    const entriesFor = async (name: string) =>
      (await Promise.all(contents.map(async (content) => (await content?.entriesFor(name)) ?? []))).flat();
    return new HostTrust(
      await entriesFor(knownHostsName(host, port)),
      port === 22 ? [] : await entriesFor(knownHostsName(host, 22)),
    );
  }

  /** Appends a line to Muster's own file, made with mode 0600 if need be, unless the key is in it. */
  remember(host: string, port: number, key: Buffer): Promise<void> {
    const name = knownHostsName(host, port);
    // One after the other: concurrent questions about a host end in the same line.
    this.appending = this.appending.catch(() => {}).then(() => this.append(name, key));
    return this.appending;
  }

  private async append(name: string, key: Buffer): Promise<void> {
    const entries = (await (await this.load(this.ownFile))?.entriesFor(name)) ?? [];
    if (entries.some((entry) => entry.marker === undefined && entry.key.equals(key))) return;
    const line = `${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
    await mkdir(path.dirname(this.ownFile), { recursive: true, mode: 0o700 });
    const file = await open(this.ownFile, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.from('\n');
      if (size > 0) await file.read(last, 0, 1, size - 1);
      // In one write, which other processes that append cannot split.
      await file.appendFile(last.toString() === '\n' ? line : `\n${line}`);
    } finally {
      await file.close();
      this.cache.delete(this.ownFile);
    }
  }

  private async load(file: string): Promise<KnownHosts | undefined> {
    const cached = this.cache.get(file);
    if (cached && performance.now() - cached.checkedAt < freshMs) return cached.content;
    try {
      const version = await versionOf(file);
      let current = this.cache.get(file);
      if (current?.version !== version) {
        current = {
          version,
          checkedAt: 0,
          content: version === '' ? Promise.resolve(undefined) : this.read(file),
        };
        this.cache.set(file, current);
      }
      current.checkedAt = performance.now();
      return await current.content;
    } catch (error) {
      this.cache.delete(file);
      throw unreadable(file, error);
    }
  }

  private async read(file: string): Promise<KnownHosts> {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (size > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024 / 1024} MiB`);
      const content = new KnownHosts(file, await handle.readFile('utf8'));
      if (content.unreadableLines.length > 0) {
        this.logger.warn(
          `${file}: not understood and passed over: line ${content.unreadableLines.slice(0, 10).join(', ')}`,
        );
      }
      return content;
    } finally {
      await handle.close();
    }
  }
}

/** Changes when the file does; empty if there is none. */
async function versionOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw error;
  }
}

function unreadable(file: string, cause: unknown): MusterError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MusterError('HOST_KEY_UNKNOWN', `no host key is trusted: cannot read ${file}: ${reason}`, {
    phase: 'handshake',
    hint: `Make ${file} a readable known_hosts file, or name another one in ssh.knownHosts.`,
    cause,
  });
}
