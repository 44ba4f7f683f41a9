import type { Stats } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { t } from './l10n';
import { LocalAccounts } from './localAccounts';

/** Somebody else who decides what is in a file. */
export interface OtherWriter {
  /** Who it is; equal for the same ones. */
  key: string;
  /** As a sentence. */
  text: string;
}

/** Links that lead to one another, as the kernel follows them at most. */
const mostLinks = 40;

/**
 * Tells who else than the caller and root decides what is in a file: its owner, whoever may write to it, and the same
 * of its folder, in which it can be replaced. Under sudo the files of the user who called it are the caller's too, as
 * for git. Groups are as for OpenSSH: one that only the owner is in is nobody else.
 */
export class FileOwners {
  private readonly accounts = new LocalAccounts();
  private readonly own: ReadonlySet<number>;

  constructor(uid: number, env: NodeJS.ProcessEnv) {
    const { SUDO_UID: sudo = '' } = env;
    this.own = new Set([0, uid, ...(uid === 0 && /^\d{1,10}$/.test(sudo) ? [Number(sudo)] : [])]);
  }

  /** None where there is no such file. */
  async othersWhoWrite(file: string): Promise<OtherWriter[]> {
    const found = new Map<string, OtherWriter>();
    let place = file;
    for (let links = 0; links < mostLinks; links++) {
      const folder = path.dirname(place);
      const status = await ifThere(lstat(place));
      // Of what is no file nothing is taken.
      if (!status || !(status.isFile() || status.isSymbolicLink())) break;
      const folderStatus = await ifThere(stat(folder));
      const writers = [
        ...(folderStatus ? await this.writersOf(folder, folderStatus) : []),
        ...(await this.writersOf(place, status)),
      ];
      for (const writer of writers) if (!found.has(writer.key)) found.set(writer.key, writer);
      if (!status.isSymbolicLink()) break;
      place = path.resolve(folder, await readlink(place));
    }
    return [...found.values()];
  }

  private async writersOf(place: string, status: Stats): Promise<OtherWriter[]> {
    const { uid, gid, mode } = status;
    const writers: OtherWriter[] = [];
    if (!this.own.has(uid)) {
      const owner = await this.accounts.userName(uid);
      writers.push({ key: `owner ${uid}`, text: t('{0} belongs to {1}', place, owner) });
    }
    // The mode of a link says nothing.
    if (status.isSymbolicLink()) return writers;
    if ((mode & 0o002) !== 0) {
      // In such a folder others make files of their own, and replace none.
      const isSticky = status.isDirectory() && (mode & 0o1000) !== 0;
      const key = isSticky ? 'everybody beside it' : 'everybody';
      writers.push({ key, text: t('everybody on this machine can write to {0}', place) });
    } else if ((mode & 0o020) !== 0 && !(await this.accounts.isGroupOfOneself(gid, uid))) {
      const group = await this.accounts.groupName(gid);
      writers.push({ key: `group ${gid}`, text: t('the group {0} can write to {1}', group, place) });
    }
    return writers;
  }
}

function ifThere(status: Promise<Stats>): Promise<Stats | undefined> {
  return status.catch(() => undefined);
}
