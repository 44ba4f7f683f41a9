import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { homeFolder } from '../../../platform/files/homeFolder';
import { MusterError } from '../../../platform/errors/errors';
import { readRegularText } from '../../../platform/files/regularFile';
import { type PathRefusal, readInventoryText } from '../../../platform/inventory/fileAccess';
import { shellQuote } from '../../../platform/text/shellQuote';
import { FileOwners, type OtherWriter, type Place } from './fileOwners';
import { t } from '../l10n';

const maxListBytes = 1024 ** 2;

/** The user's list of folders whose inventories are used whoever can write to them, by the XDG base directory specification. */
export function safeFoldersFile({ XDG_CONFIG_HOME: config }: NodeJS.ProcessEnv): string {
  const folder = config && path.isAbsolute(config) ? config : path.join(homeFolder(), '.config');
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
  /** What was looked at, by the paths that were named; or why it could not be. */
  private readonly places = new Map<string, Place | { fault: unknown }>();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    uid = process.geteuid?.(),
  ) {
    this.owners = uid === undefined ? undefined : new FileOwners(uid, env);
  }

  /** The user named this file: whoever else writes it is trusted with what it imports. */
  async accept(file: string): Promise<void> {
    this.accepted = new Set((await this.look(file)).map(({ key }) => key));
  }

  /** For a file that was found. @throws MusterError UNTRUSTED when somebody else can write it */
  async require(file: string): Promise<void> {
    const all = await this.look(file);
    const writers = await this.unacceptedOf(all, file);
    if (writers.length === 0) {
      this.accepted = new Set(all.map(({ key }) => key));
      return;
    }
    const folder = path.dirname(file);
    const list = safeFoldersFile(this.env);
    const allow = `mkdir -p ${shellQuote(path.dirname(list))} && echo ${shellQuote(folder)} >> ${shellQuote(list)}`;
    throw new MusterError(
      'UNTRUSTED',
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
    const writers = await this.unacceptedOf(await this.look(file), file);
    if (writers.length === 0) return undefined;
    const reason = t(
      'somebody else decides what is in it: {0}. If you trust it, add its folder to {1}',
      textOf(writers),
      safeFoldersFile(this.env),
    );
    return { reason, severity: 'error' };
  }

  /**
   * The text of a file that was looked at and not refused, from where its path led to then.
   * @throws FileRefusal, and what looking, opening and reading throw
   */
  async read(file: string): Promise<string> {
    if (!this.owners) return readInventoryText(file);
    const place = this.places.get(file);
    if (!place) throw new Error(`not looked at: ${file}`);
    if ('fault' in place) throw place.fault;
    return readInventoryText(place.real);
  }

  /** Who else writes a file; nobody where there is none, which is not read afterwards either. */
  private async look(file: string): Promise<readonly OtherWriter[]> {
    if (!this.owners) return [];
    const place = await this.owners.follow(file).catch((fault: unknown) => ({ fault }));
    this.places.set(file, place);
    return 'fault' in place ? [] : place.writers;
  }

  private async unacceptedOf(all: readonly OtherWriter[], file: string): Promise<readonly OtherWriter[]> {
    const writers = all.filter(({ key }) => !this.accepted.has(key));
    return writers.length > 0 && (await this.isInSafeFolder(file)) ? [] : writers;
  }

  private async isInSafeFolder(file: string): Promise<boolean> {
    const place = this.places.get(file);
    if (!place || 'fault' in place) return false;
    const { real } = place;
    this.safe ??= this.readSafeFolders();
    return (await this.safe).some((folder) =>
      real.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep),
    );
  }

  /** Absolute paths, one on a line; of no account if somebody else can write the list. */
  private async readSafeFolders(): Promise<string[]> {
    const file = safeFoldersFile(this.env);
    const place = await this.owners!.follow(file).catch(() => undefined);
    if (!place || place.writers.length > 0) return [];
    const text = await readRegularText(place.real, maxListBytes).catch(() => '');
    const folders = text
      .split(/\r?\n/)
      .map((line) => line.trim().replace(/^~(?=\/|$)/, homeFolder()))
      .filter((line) => path.isAbsolute(line));
    return Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  }
}

/** Folders whose ssh_config the user's own ssh takes as well. */
const ownFolders = [path.join(homeFolder(), '.ssh'), '/etc/ssh'];

/**
 * Reads ssh_config files for connections to hosts of an inventory that was opened: they are looked at as when it was
 * loaded, since an `Include` may name files that were refused then, or that were not there.
 */
export function sshConfigReader(
  inventory: string,
  env: NodeJS.ProcessEnv,
): (file: string) => Promise<string> {
  let accepted: Promise<InventoryTrust> | undefined;
  const accept = async () => {
    const trust = new InventoryTrust(env);
    await trust.accept(inventory);
    return trust;
  };
  return async (file) => {
    if (ownFolders.some((folder) => file.startsWith(folder + path.sep))) return readInventoryText(file);
    const trust = await (accepted ??= accept());
    const refusal = await trust.refusal(file);
    if (refusal) throw new Error(refusal.reason);
    return trust.read(file);
  };
}

function textOf(writers: readonly OtherWriter[]): string {
  return writers.map(({ text }) => text).join(', ');
}
