import { createHash, createHmac, randomBytes } from 'node:crypto';
// eslint-disable-next-line no-restricted-syntax -- appends to a file of our own that was read before
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { homeFolder } from '../../../files/homeFolder';
import { MusterError } from '../../../errors/errors';
import { fileFault } from '../../../files/fileFault';
import { largestFile } from '../../../files/regularFile';
import type { Logger, Voucher } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { refuseLocalLimit } from '../../../errors/localLimit';
import { printable } from '../../../text/printable';
import { FileCache } from '../pool/fileCache';
import { HostTrust } from './hostTrust';
import { KnownHosts } from './knownHosts';
import { keyTypeOf } from '../sshWire';
import { makeFolder } from '../../../files/makeFolder';

/** Where OpenSSH looks for known_hosts files of the user and of the machine unless something names others. */
export interface DefaultKnownHosts {
  readonly user: readonly string[];
  readonly global: readonly string[];
}

export const defaultKnownHosts: DefaultKnownHosts = {
  user: ['known_hosts', 'known_hosts2'].map((name) => path.join(homeFolder(), '.ssh', name)),
  global: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
};

/** Files of the same weight, and the names under which they are asked for a host. */
export interface TrustSource {
  readonly files: readonly string[];
  /** For the host and its port. */
  readonly names: readonly string[];
  /** For the host on any port. */
  readonly namesWithoutPort: readonly string[];
  readonly vouchedBy: Voucher;
}

/** The user's known_hosts files, which are only read, and Muster's own ones, which are appended to. */
export class KnownHostsStore {
  private readonly files = new FileCache(largestFile.knownHosts, (file, text) => this.parse(file, text));
  private readonly projectFiles = new Map<string, Promise<string>>();
  private appending: Promise<void> = Promise.resolve();

  constructor(
    /** Muster's own file. */
    readonly ownFile: string,
    private readonly logger: Logger,
  ) {}

  /**
   * Muster's own file for the keys that were asked about under the trust or the routes of one inventory. It is named
   * after the folder that the inventory's relative paths start from, links resolved, and never lies in the project.
   */
  projectFile(inventory: string): Promise<string> {
    let file = this.projectFiles.get(inventory);
    if (!file) {
      file = realpath(path.dirname(inventory))
        .catch(() => path.dirname(path.resolve(inventory)))
        .then((folder) => {
          const project = path.join(folder, path.basename(inventory));
          const name = createHash('sha256').update(project).digest('hex').slice(0, 32);
          return path.join(`${this.ownFile}.d`, name);
        });
      this.projectFiles.set(inventory, file);
    }
    return file;
  }

  /**
   * @param sources those whose word counts most first
   * @throws MusterError HOST_KEY_UNKNOWN when a file is there and cannot be read: nothing is trusted then
   */
  async trustFrom(sources: readonly TrustSource[]): Promise<HostTrust> {
    const layers = sources.map(async ({ files, names, namesWithoutPort, vouchedBy }) => {
      const contents = await Promise.all([...new Set(files)].map((file) => this.load(file)));
      const entriesFor = async (wanted: readonly string[]) =>
        (
          await Promise.all(
            contents.flatMap((content) => (content ? wanted.map((name) => content.entriesFor(name)) : [])),
          )
        ).flat();
      return {
        exact: await entriesFor(names),
        withoutPort: await entriesFor(namesWithoutPort),
        vouchedBy,
      };
    });
    return new HostTrust(await Promise.all(layers));
  }

  /**
   * Appends a line to one of Muster's own files, made with mode 0600 if need be, unless the key is in it.
   * @param about what the file is for, said in its first line
   */
  remember(file: string, name: string, key: Buffer, about?: string): Promise<void> {
    // One after the other: concurrent questions about a host end in the same line.
    this.appending = this.appending.catch(() => {}).then(() => this.append(file, name, key, about));
    return this.appending;
  }

  private async append(ownFile: string, name: string, key: Buffer, about?: string): Promise<void> {
    const entries = (await (await this.load(ownFile))?.entriesFor(name)) ?? [];
    if (entries.some((entry) => entry.marker === undefined && entry.key.equals(key))) return;
    const line = `${writtenName(name)} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
    await makeFolder(path.dirname(ownFile), 0o700);
    const file = await open(ownFile, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.from('\n');
      if (size > 0) await file.read(last, 0, 1, size - 1);
      const head = size === 0 && about !== undefined ? `# ${printable(about, 2000)}\n` : '';
      // In one write, which other processes that append cannot split.
      await file.appendFile(`${head}${last.toString() === '\n' ? '' : '\n'}${line}`);
    } finally {
      await file.close();
      this.files.expire(ownFile);
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

/** A name such as `*` would stand for other hosts in the file as well, one with a space for another line: they are hashed. */
function writtenName(name: string): string {
  if (/^[\w.:%[\]-]+$/.test(name)) return name;
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name.toLowerCase()).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

function unreadable(file: string, cause: unknown): MusterError {
  const message = t('no host key is trusted: cannot read {0}: {1}', file, fileFault(cause));
  return new MusterError('HOST_KEY_UNKNOWN', message, {
    phase: 'handshake',
    hint: t('Make {0} a readable known_hosts file, or remove it.', file),
    cause,
  });
}
