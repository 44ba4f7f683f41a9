import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import { t } from '../l10n';
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

/** What a path leads to. */
export interface Place {
  /** Without links. Nobody but the caller, root and `writers` can have it lead elsewhere. */
  real: string;
  writers: readonly OtherWriter[];
}

/**
 * Tells who else than the caller and root decides what is in a file: its owner, whoever may write to it, and the same
 * of every folder and link on the way to it, in which it can be replaced. Under sudo the files of the user who called it
 * are the caller's too, as for git. Groups are as for OpenSSH: one that only the owner is in is nobody else.
 */
export class FileOwners {
  private readonly accounts = new LocalAccounts();
  private readonly own: ReadonlySet<number>;
  /** Folders that were followed: many files lie in the same ones. */
  private readonly folders = new Map<string, Place>();

  constructor(uid: number, env: NodeJS.ProcessEnv) {
    const { SUDO_UID: sudo = '' } = env;
    this.own = new Set([0, uid, ...(uid === 0 && /^\d{1,10}$/.test(sudo) ? [Number(sudo)] : [])]);
  }

  /**
   * Follows a path from the root on: each part is looked at once those before it are known, so that nobody else can
   * change it unnoticed, and what is read from the real path afterwards is what was looked at.
   * @throws what looking at a part throws, such as ENOENT
   */
  follow(file: string): Promise<Place> {
    return this.followFrom(path.resolve(file), true, 0);
  }

  private async followFrom(place: string, isFile: boolean, links: number): Promise<Place> {
    const known = isFile ? undefined : this.folders.get(place);
    if (known) return known;
    const found = await this.look(place, isFile, links);
    const writers = found.writers.filter(
      ({ key }, index, all) => all.findIndex((one) => one.key === key) === index,
    );
    const result = { real: found.real, writers };
    if (!isFile) this.folders.set(place, result);
    return result;
  }

  /** `place` is taken apart as the kernel does it: a `..` behind a link is where the link leads to. */
  private async look(place: string, isFile: boolean, links: number): Promise<Place> {
    const { root } = path.parse(place);
    if (place === root)
      return { real: root, writers: await this.writersOf(root, await lstat(root), 'above') };
    const folder = await this.followFrom(path.dirname(place), false, links);
    const name = path.basename(place);
    if (name === '' || name === '.') return folder;
    const writers = [...folder.writers];
    const add = async (more: Promise<readonly OtherWriter[]>) => void writers.push(...(await more));
    if (name === '..') {
      const above = await this.followFrom(path.dirname(folder.real), false, links);
      return { real: above.real, writers: [...writers, ...above.writers] };
    }
    if (isFile) await add(this.writersOf(folder.real, await lstat(folder.real), 'around'));
    const real = path.join(folder.real, name);
    const status = await lstat(real);
    // Of what is neither a file nor a folder nothing is read.
    if (status.isFile() || status.isDirectory() || status.isSymbolicLink())
      await add(this.writersOf(real, status, 'above'));
    if (!status.isSymbolicLink()) return { real, writers };
    if (links >= mostLinks)
      throw Object.assign(new Error(t('too many links lead to one another')), { code: 'ELOOP' });
    const target = await readlink(real);
    const next = path.isAbsolute(target) ? target : folder.real + path.sep + target;
    const inner = await this.followFrom(next, isFile, links + 1);
    return { real: inner.real, writers: [...writers, ...inner.writers] };
  }

  /** @param where whether a folder is the one around the file, in which others may make the file that is looked for */
  private async writersOf(place: string, status: Stats, where: 'around' | 'above'): Promise<OtherWriter[]> {
    const { uid, gid, mode } = status;
    const writers: OtherWriter[] = [];
    if (!this.own.has(uid)) {
      const owner = await this.accounts.userName(uid);
      writers.push({ key: `owner ${uid}`, text: t('{0} belongs to {1}', place, owner) });
    }
    // The mode of a link says nothing.
    if (status.isSymbolicLink()) return writers;
    // In such a folder others make files of their own, and replace none.
    const isSticky = status.isDirectory() && (mode & 0o1000) !== 0;
    if (isSticky && where === 'above') return writers;
    if ((mode & 0o002) !== 0) {
      const key = isSticky ? 'everybody beside it' : 'everybody';
      writers.push({ key, text: t('everybody on this machine can write to {0}', place) });
    } else if ((mode & 0o020) !== 0 && !(await this.accounts.isGroupOfOneself(gid, uid))) {
      const group = await this.accounts.groupName(gid);
      writers.push({ key: `group ${gid}`, text: t('the group {0} can write to {1}', group, place) });
    }
    return writers;
  }
}
