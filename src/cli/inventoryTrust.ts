import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { MusterError } from '../core/errors';
import { readRegularText } from '../core/files/regularFile';
import type { PathRefusal } from '../core/inventory/fileAccess';
import { shellQuote } from '../core/runs/remoteCommand';
import { FileOwners, type OtherWriter } from './fileOwners';
import { t } from './l10n';

const maxListBytes = 1024 ** 2;

/** The user's list of folders whose inventories are used whoever can write to them, by the XDG base directory specification. */
export function safeFoldersFile({ XDG_CONFIG_HOME: config }: NodeJS.ProcessEnv): string {
  const folder = config && path.isAbsolute(config) ? config : path.join(homedir(), '.config');
  return path.join(folder, 'muster', 'safe_folders');
}

/**
 * Whether what an inventory says is carried out: it names commands that are run as the caller, so nobody else may have
 * written it, unless the caller named it or put its folder on the list. Windows tells no owners: all is used there.
 */
export class InventoryTrust {
  private readonly owners: FileOwners | undefined;
  private accepted: ReadonlySet<string> = new Set();
  private safe: Promise<string[]> | undefined;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    uid = process.geteuid?.(),
  ) {
    this.owners = uid === undefined ? undefined : new FileOwners(uid, env);
  }

  /** The user named this file: whoever else writes it is trusted with what it imports. */
  async accept(file: string): Promise<void> {
    const writers = (await this.owners?.othersWhoWrite(file)) ?? [];
    this.accepted = new Set(writers.map(({ key }) => key));
  }

  /** For a file that was found. @throws MusterError INVENTORY when somebody else can write it */
  async require(file: string): Promise<void> {
    const writers = await this.unacceptedWriters(file);
    if (writers.length === 0) return this.accept(file);
    const folder = path.dirname(file);
    const list = safeFoldersFile(this.env);
    const allow = `mkdir -p ${shellQuote(path.dirname(list))} && echo ${shellQuote(folder)} >> ${shellQuote(list)}`;
    throw new MusterError(
      'INVENTORY',
      t('{0} is not used, because somebody else decides what is in it: {1}', file, textOf(writers)),
      {
        hint: t(
          'An inventory names commands that run as you. If you trust it, name it with --inventory {0}, or allow its folder: {1}',
          shellQuote(file),
          allow,
        ),
      },
    );
  }

  /** Why an import is not read, undefined if it is. */
  async refusal(file: string): Promise<PathRefusal | undefined> {
    const writers = await this.unacceptedWriters(file);
    if (writers.length === 0) return undefined;
    const reason = t(
      'somebody else decides what is in it: {0}. If you trust it, add its folder to {1}',
      textOf(writers),
      safeFoldersFile(this.env),
    );
    return { reason, severity: 'error' };
  }

  private async unacceptedWriters(file: string): Promise<OtherWriter[]> {
    const writers = ((await this.owners?.othersWhoWrite(file)) ?? []).filter(
      ({ key }) => !this.accepted.has(key),
    );
    return writers.length > 0 && (await this.isInSafeFolder(file)) ? [] : writers;
  }

  private async isInSafeFolder(file: string): Promise<boolean> {
    const real = await realpath(file).catch(() => undefined);
    if (real === undefined) return false;
    this.safe ??= this.readSafeFolders();
    return (await this.safe).some((folder) =>
      real.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep),
    );
  }

  /** Absolute paths, one on a line; of no account if somebody else can write the list. */
  private async readSafeFolders(): Promise<string[]> {
    const file = safeFoldersFile(this.env);
    if ((await this.owners!.othersWhoWrite(file)).length > 0) return [];
    const text = await readRegularText(file, maxListBytes).catch(() => '');
    const folders = text
      .split(/\r?\n/)
      .map((line) => line.trim().replace(/^~(?=\/|$)/, homedir()))
      .filter((line) => path.isAbsolute(line));
    return Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  }
}

function textOf(writers: readonly OtherWriter[]): string {
  return writers.map(({ text }) => text).join(', ');
}
