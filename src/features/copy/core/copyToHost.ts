import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import type { Deadline } from '../../../platform/batch/deadline';
import { t } from '../../../platform/l10n/l10n';
import { FileError } from '../../../platform/transport/files/fileError';
import type { FileAttributes } from '../../../platform/transport/files/fileSession';
import { childPath, inParallel } from '../../../platform/transport/files/readFiles';
import { lstatIfThere, refusedFolder, temporaryName } from '../../../platform/transport/files/saveFile';
import { compareTargets } from './compareTargets';
import { differenceOf } from './difference';
import { hashesOnHost } from './hostHashes';
import type { LocalContent } from './localContent';
import type { LocalItem, LocalTree } from './localTree';
import type { Pace } from './pace';
import type { Reached } from './reachedHost';
import { orRefused, sendFile, Window } from './sendFile';
import { removeTemporary } from './removeTemporary';
import { canPack, type Packed, sendPacked } from './tarStream';
import { putIntoPlace } from './putIntoPlace';
import { folderOf, placeTree, type Target } from './targets';
import {
  type ChangeKind,
  listChange,
  noSpace,
  orNoSpace,
  sizeText,
  type Tally,
  type TransferSettings,
} from './transfer';

/** What is copied to every host. */
export interface CopyWork {
  tree: LocalTree;
  /** As it was written. */
  destination: string;
  content: LocalContent;
  settings: TransferSettings;
  pace: Pace;
  /** What ends the names of files that are kept by `backup`. */
  backupSuffix: string;
}

/** What is heard of a host while it is worked on. */
export interface HostProgress {
  /** It is known how much is to be moved: files and bytes. */
  planned(files: number, bytes: number): void;
  moved(bytes: number): void;
}

/** A target that is not as it should be. */
interface Step {
  target: Target;
  kind: ChangeKind;
  /** Where it is made, below the base. */
  staged: string;
  /** What is renamed into its place with it: itself, or the new folder that it is in. */
  unit: Step;
  /** Of a unit: the files and links that are put into their places with it. */
  files: number;
}

/** Files, or bytes of them, that are worth the command which unpacks an archive. */
const packing = { files: 8, bytes: 8 * 1024 * 1024 };
/** Files on their way at a time where there is no archive, and small requests. */
const atOnce = { files: 16, requests: 64 };

/** One copy to one host. What it has made and not yet put into place is `temporary`. */
export class CopyToHost {
  /** Paths of what is on the host and not in its place. */
  readonly temporary = new Set<string>();
  /** Of these, what is kept for `resume`. */
  readonly kept = new Set<string>();
  /** What the names of its temporary files end with. Hosts may share a file system, so each has its own. */
  private readonly tag = randomBytes(6).toString('hex');
  private base = '';
  private shownBase = '';
  private readonly window = new Window();

  constructor(
    private readonly reached: Reached,
    private readonly deadline: Deadline,
    private readonly work: CopyWork,
    private readonly tally: Tally,
    private readonly progress: HostProgress,
  ) {}

  /** @throws MusterError, after which what is `temporary` has to be removed */
  async run(): Promise<void> {
    const { files, waiter } = this.reached;
    const { tree, destination, settings } = this.work;
    const { base, shownBase, targets } = await placeTree(files, tree, destination, waiter);
    [this.base, this.shownBase] = [base, shownBase.replace(/\/$/, '')];
    const kinds = await compareTargets(this.reached, base, targets, this.work);
    const steps = this.stage(targets, kinds);
    await this.count(targets, kinds);
    if (changesNothing(settings)) return;
    const sent = steps.filter(({ kind }) => kind !== 'attributes');
    if (sent.length > 0) {
      await this.refuseFull(sent);
      await orNoSpace(files, base, waiter, () => this.send(sent));
    }
    await inParallel(
      steps.filter(({ kind }) => kind === 'attributes'),
      atOnce.requests,
      ({ target }) => this.setAttributes(target),
    );
  }

  private at(path: string): string {
    return childPath(this.base, path);
  }

  /** Decides where each is made: beside its place, or in a new folder that is made beside its place. */
  private stage(targets: readonly Target[], kinds: ReadonlyMap<Target, ChangeKind | undefined>): Step[] {
    const { settings } = this.work;
    const folders = new Map<string, Step>();
    const steps: Step[] = [];
    for (const target of targets) {
      const kind = kinds.get(target);
      if (!kind) continue;
      const folder = folderOf(target.path);
      const name = posix.basename(target.path);
      const isFolder = target.item.kind === 'folder';
      const above = folders.get(folder);
      // With `resume` folders stay as far as they were filled.
      const isInPlace = kind === 'attributes' || (isFolder && settings.resume === true);
      const beside = isInPlace ? target.path : join(folder, temporaryName(name, this.tag));
      const step = { target, kind, staged: above ? `${above.staged}/${name}` : beside, files: 0 } as Step;
      step.unit = above?.unit ?? step;
      if (!isFolder) step.unit.files++;
      if (isFolder && !isInPlace) folders.set(target.path, step);
      steps.push(step);
    }
    return steps;
  }

  private async count(
    targets: readonly Target[],
    kinds: ReadonlyMap<Target, ChangeKind | undefined>,
  ): Promise<void> {
    const { tally, work } = this;
    let [files, bytes] = [0, 0];
    for (const target of targets) {
      const { item, path, before } = target;
      const kind = kinds.get(target);
      if (item.kind === 'folder' && kind === undefined) continue;
      if (kind === undefined) {
        tally.sameFiles++;
        continue;
      }
      if (item.kind !== 'folder') files++;
      if (kind !== 'attributes') bytes += item.size;
      const { settings, content } = work;
      const diff =
        settings.diff && item.kind === 'file' && kind !== 'attributes'
          ? await differenceOf(this.reached, this.at(path), before, item, content)
          : undefined;
      listChange(tally, { path: childPath(this.shownBase, path), kind, ...(diff !== undefined && { diff }) });
    }
    if (changesNothing(work.settings)) Object.assign(tally, { changedFiles: files, bytes });
    this.progress.planned(files, bytes);
  }

  /** What surely does not fit is not begun. @throws FileError noSpace */
  private async refuseFull(steps: readonly Step[]): Promise<void> {
    const { files, waiter } = this.reached;
    const free = await files.freeSpace(this.base, waiter).catch((error: unknown) => {
      if (error instanceof FileError) return undefined;
      throw error;
    });
    const needed = steps.reduce((sum, { target }) => sum + target.item.size, 0);
    if (free && needed > Math.max(free.bytes, free.bytesForRoot))
      throw noSpace(
        files.host,
        this.base,
        undefined,
        t('{0} are needed, {1} are free', sizeText(needed), sizeText(free.bytes)),
      );
  }

  private async send(steps: readonly Step[]): Promise<void> {
    const packed = this.packable(steps);
    const isPacked = packed.size > 0 && (await this.sendPacked([...packed]));
    const left = steps.filter((step) => !isPacked || !packed.has(step));
    // Folders first, each after the one that it is in.
    for (const step of left) if (step.target.item.kind === 'folder') await this.makeFolder(step);
    await inParallel(
      left.filter(({ target }) => target.item.kind !== 'folder'),
      atOnce.files,
      (step) => this.sendOne(step),
    );
    for (const step of steps)
      if (step.target.item.kind === 'folder') await this.finishFolder(step, isPacked && packed.has(step));
    const units = steps.filter((step) => step.unit === step && this.isPending(step));
    await inParallel(units, atOnce.requests, (step) => this.commit(step));
  }

  /** Whether it is on the host and not in its place. */
  private isPending({ staged }: Step): boolean {
    return this.temporary.has(this.at(staged));
  }

  /** What goes into the stream of an archive: files, and the new folders that they are in. */
  private packable(steps: readonly Step[]): Set<Step> {
    const { sync } = this.work.settings;
    const packed = new Set<Step>();
    const without = new Set<string>();
    let [files, bytes] = [0, 0];
    for (const step of steps) {
      const { item, path } = step.target;
      const isWhole = item.kind === 'folder' || !this.isResumable(item);
      if (isWhole && !without.has(folderOf(path)) && canPack({ path: step.staged, item })) {
        packed.add(step);
        if (item.kind === 'file') files++;
        bytes += item.size;
      } else if (item.kind === 'folder') without.add(path);
    }
    return !sync && (files >= packing.files || bytes >= packing.bytes) ? packed : new Set();
  }

  /** Whether what was sent of it is kept. */
  private isResumable({ kind, size }: LocalItem): boolean {
    return this.work.settings.resume === true && kind === 'file' && size > this.reached.files.largestChunk;
  }

  private async sendPacked(steps: readonly Step[]): Promise<boolean> {
    const { content, pace, settings } = this.work;
    for (const step of steps) this.begin(step);
    const packed: Packed[] = steps.map(({ staged, target }) => ({ path: staged, item: target.item }));
    const owners = settings.owners === true;
    const options = {
      ...{ content, tag: this.tag, pace, owners },
      onBytes: (bytes: number) => this.moved(bytes),
    };
    const before = this.tally.bytes;
    const isDone = await sendPacked(this.reached, this.base, packed, options);
    if (isDone) await this.keepOwners(steps);
    else {
      // What was sent is sent again in another way.
      this.moved(before - this.tally.bytes);
      await removeTemporary(this.reached.files, this.temporary, this.reached.waiter);
    }
    return isDone;
  }

  /** What was replaced stays with those it belonged to, where this user may give it to them. */
  private async keepOwners(steps: readonly Step[]): Promise<void> {
    const { files, waiter } = this.reached;
    const replaced = steps.filter(({ target }) => target.before && target.item.kind === 'file');
    const [first] = replaced;
    if (!first || this.work.settings.owners) return;
    const { uid, gid } = await files.lstat(this.at(first.staged), waiter);
    await inParallel(
      replaced.filter(({ target: { before } }) => before!.uid !== uid || before!.gid !== gid),
      atOnce.requests,
      async ({ staged, target: { item, before } }) => {
        const owner = { uid: before!.uid, gid: before!.gid };
        await orRefused(files.setPathAttributes(this.at(staged), owner, waiter));
        await files.setPathAttributes(this.at(staged), { mode: item.mode, mtime: item.mtime }, waiter);
      },
    );
  }

  private begin(step: Step): void {
    if (step.unit === step && step.staged !== step.target.path) this.temporary.add(this.at(step.staged));
  }

  private async makeFolder(step: Step): Promise<void> {
    const { files, waiter } = this.reached;
    this.begin(step);
    const mode = step.target.item.mode | 0o700;
    await this.refusal(step, () => files.makeFolder(this.at(step.staged), waiter, { mode }));
  }

  /** The mode is set when nothing more is put into it. */
  private async finishFolder({ staged, target: { item } }: Step, isPacked: boolean): Promise<void> {
    const { files, waiter } = this.reached;
    const isKnown = item.file !== '' && !(isPacked && (item.mode & 0o700) === 0o700);
    const owner = this.work.settings.owners && !isPacked ? { uid: item.uid, gid: item.gid } : undefined;
    if (owner) await orRefused(files.setPathAttributes(this.at(staged), owner, waiter));
    if (isKnown) await files.setPathAttributes(this.at(staged), { mode: item.mode }, waiter);
  }

  private async sendOne(step: Step): Promise<void> {
    const { files, waiter } = this.reached;
    const { item } = step.target;
    const { resume } = this.work.settings;
    await this.refusal(step, async () => {
      if (this.isResumable(item)) return this.sendResumed(step);
      this.begin(step);
      if (item.kind === 'link') return files.makeLink(item.target!, this.at(step.staged), waiter);
      return this.sendFile(step);
    });
    // What is complete is not sent again.
    if (resume && this.isPending(step)) await this.commit(step);
  }

  private sendFile({ target, staged }: Step, from = 0): Promise<void> {
    const { content, pace, settings } = this.work;
    const { item, before } = target;
    const owner: FileAttributes | undefined = settings.owners ? item : before;
    return sendFile(this.reached.files, item, this.at(staged), {
      ...{ content, pace, from, window: this.window, signal: this.deadline.signal },
      ...{ waiter: this.reached.waiter, sync: settings.sync === true },
      ...(owner && { owner: { uid: owner.uid, gid: owner.gid } }),
      onBytes: (bytes) => this.moved(bytes),
    });
  }

  /** Goes on after what an earlier copy has left of the same content. */
  private async sendResumed(step: Step): Promise<void> {
    const { files, waiter } = this.reached;
    const { content } = this.work;
    const { item, path } = step.target;
    const hash = await content.hash(item);
    step.staged = join(folderOf(step.staged), temporaryName(posix.basename(path), hash.slice(0, 16)));
    const partial = this.at(step.staged);
    const there = await lstatIfThere(files, partial, waiter);
    const from = there?.isFile() && there.size <= item.size ? there.size : 0;
    const isSame =
      from > 0 &&
      (await hashesOnHost(this.reached, this.base, [step.staged])).get(step.staged) ===
        (await content.hash(item, from));
    if (there && !isSame) await files.removeFile(partial, waiter);
    this.begin(step);
    this.kept.add(partial);
    if (isSame) this.progress.moved(from);
    await this.sendFile(step, isSame ? from : 0);
  }

  private async commit({ target, staged, files }: Step): Promise<void> {
    const { settings, backupSuffix } = this.work;
    const [from, to] = [this.at(staged), this.at(target.path)];
    await putIntoPlace(this.reached, from, to, {
      replaces: target.before !== undefined,
      ...(settings.backup && { backup: to + backupSuffix }),
    });
    this.temporary.delete(from);
    this.kept.delete(from);
    this.tally.changedFiles += files;
  }

  private async setAttributes({ item, path }: Target): Promise<void> {
    const { files, waiter } = this.reached;
    const { uid, gid, mode, mtime } = item;
    if (this.work.settings.owners) await files.setPathAttributes(this.at(path), { uid, gid }, waiter);
    await files.setPathAttributes(this.at(path), { mode, mtime }, waiter);
    this.tally.changedFiles++;
  }

  private moved(bytes: number): void {
    this.tally.bytes += bytes;
    this.progress.moved(bytes);
  }

  /** That nothing may be made in a folder is said of the folder and not of a name that nobody knows. */
  private async refusal(step: Step, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (FileError.of(error, 'noPermission'))
        throw refusedFolder(this.reached.files, this.at(step.target.path));
      throw error;
    }
  }
}

const changesNothing = ({ dryRun, diff }: TransferSettings) => dryRun === true || diff === true;
const join = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);
