// eslint-disable-next-line no-restricted-syntax -- appends to a file of our own that was read before
import { mkdir, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { MusterError } from '../errors';
import { fileFault } from '../files/fileFault';
import { largestFile } from '../files/regularFile';
import type { Logger } from '../host';
import { t } from '../l10n';
import { refuseLocalLimit } from '../localLimit';
import { FileCache } from './fileCache';
import { HostTrust } from './hostTrust';
import { KnownHosts, knownHostsName } from './knownHosts';
import { keyTypeOf } from './sshWire';

/** What is read where nothing names known_hosts files of the user, as by OpenSSH. */
export const userKnownHosts = ['known_hosts', 'known_hosts2'].map((name) =>
  path.join(homedir(), '.ssh', name),
);
/** What is read where nothing names those of the machine. */
export const globalKnownHosts = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/** The user's known_hosts files, which are only read, and Muster's own, which is appended to. */
export class KnownHostsStore {
  private readonly files = new FileCache(largestFile.knownHosts, (file, text) => this.parse(file, text));
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
      this.files.expire(this.ownFile);
    }
  }

  private async load(file: string): Promise<KnownHosts | undefined> {
    try {
      return await this.files.load(file);
    } catch (error) {
      refuseLocalLimit(error);
      throw unreadable(file, error);
    }
  }

  private parse(file: string, text: string): KnownHosts {
    const content = new KnownHosts(file, text);
    if (content.unreadableLines.length > 0) {
      const lines = content.unreadableLines.slice(0, 10).join(', ');
      this.logger.warn(t('{0}: not understood and passed over: line {1}', file, lines));
    }
    return content;
  }
}

function unreadable(file: string, cause: unknown): MusterError {
  const message = t('no host key is trusted: cannot read {0}: {1}', file, fileFault(cause));
  return new MusterError('HOST_KEY_UNKNOWN', message, {
    phase: 'handshake',
    hint: t('Make {0} a readable known_hosts file, or name another one in ssh.knownHosts.', file),
    cause,
  });
}
