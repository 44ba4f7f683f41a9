import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Disposable, workspace } from 'vscode';
import { makeFolder } from '../../../platform/files/makeFolder';
import { readRegularText } from '../../../platform/files/regularFile';
import type { Logger } from '../../../platform/host/host';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { fileStamps } from '../../../shell/editor/fleets/fileStamps';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import type { Redactor } from '../../../platform/redaction/redactor';
import type { FleetChecks } from './fleetChecks';

const debounceMs = 1_000;
const longestDebounceMs = 10_000;
/** A file beyond this is not one that we wrote. */
const maxBytes = 64 * 1024 * 1024;
const maxFiles = 50;
/** Checks that the inventory no longer has are kept this long, for the edit that brings them back. */
const orphanMs = 30 * 86_400_000;
const step = 500;

/** Keeps the histories of the workspace's fleets, one file each, which other windows of it write, too; what a lab found goes with it. */
export class HistoryStore implements Disposable {
  private readonly owned = new Disposables();
  private readonly restored = new WeakMap<Fleet, Promise<void>>();
  /** Of the files, as this window has read or written them last. */
  private readonly stamps = new WeakMap<Fleet, string>();
  private readonly dirty = new Set<Fleet>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private lastWriteMs = 0;

  /** @param folder where the files go; undefined keeps histories in memory only */
  constructor(
    private readonly folder: string | undefined,
    private readonly fleets: Fleets,
    checks: Pick<FleetChecks, 'onDidRecord'>,
    private readonly redactor: Redactor,
    private readonly logger: Logger,
  ) {
    this.owned.add(
      checks.onDidRecord(({ fleet, result, at }) => {
        if (result.status === 'skipped') return;
        fleet.history.record(result, at, (text) => this.redactor.redact(text));
        this.saveSoon(fleet);
      }),
    );
    this.owned.add(fleets.onDidChange(() => void this.restoreAll()));
    void this.restoreAll();
  }

  /** Puts stored results of every fleet on screen, those of checks that an edit brought back too. */
  async restoreAll(): Promise<void> {
    for (const fleet of this.fleets.shown) {
      let read = this.restored.get(fleet);
      if (!read) this.restored.set(fleet, (read = this.read(fleet)));
      await read;
      await this.show(fleet);
    }
  }

  /** Writes at once what is not yet written. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const fleets = [...this.dirty];
    this.dirty.clear();
    this.writing = this.writing.then(async () => {
      for (const fleet of fleets) await this.write(fleet);
    });
    await this.writing;
  }

  /** Forgets everything, the files too. */
  async clear(): Promise<void> {
    for (const fleet of this.fleets.all) {
      for (const key of fleet.history.keys()) fleet.history.forget(key);
    }
    this.dirty.clear();
    await this.writing;
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.owned.dispose();
  }

  private fileOf(fleet: Fleet): string | undefined {
    const isFolder = workspace.workspaceFolders?.some(({ uri }) => uri.toString() === fleet.id);
    if (this.folder === undefined || !isFolder) return undefined;
    const name = createHash('sha256').update(`${fleet.id}\0${fleet.file}`).digest('hex').slice(0, 24);
    return join(this.folder, `${name}.jsonl`);
  }

  private saveSoon(fleet: Fleet): void {
    if (this.fileOf(fleet) === undefined) return;
    this.dirty.add(fleet);
    // A large history is not written every second.
    const wait = Math.min(longestDebounceMs, Math.max(debounceMs, 10 * this.lastWriteMs));
    this.timer ??= setTimeout(() => void this.flush(), wait);
  }

  private async read(fleet: Fleet): Promise<void> {
    const file = this.fileOf(fleet);
    if (file === undefined) return;
    const startedAt = performance.now();
    try {
      const { decodeHistory } = await import('./historyFile');
      this.stamps.set(fleet, await fileStamps([file]));
      const broken = await decodeHistory(await readRegularText(file, maxBytes), fleet.history);
      if (broken > 0) this.logger.warn(`${file}: ${broken} lines of the check history make no sense`);
      const ms = Math.round(performance.now() - startedAt);
      this.logger.debug(`${fleet.file}: history of ${fleet.history.size} checks (${ms} ms)`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.logger.warn(`${file}: the check history was not read: ${String(error)}`);
    }
  }

  private async show(fleet: Fleet): Promise<void> {
    const { history, verdicts } = fleet;
    const shown = new Set<string>();
    for (const [index, { host, check }] of history.keys().entries()) {
      if (index % step === step - 1) await setImmediate();
      if (!fleet.checksOf(host).some(({ name }) => name === check)) continue;
      const at = history.lastAt(host, check);
      const last = history.last(host, check);
      if (last && at !== undefined && verdicts.restore(last, at)) shown.add(host);
    }
    fleet.refresh(shown);
    if (history.isOutdated) this.saveSoon(fleet);
  }

  private async write(fleet: Fleet): Promise<void> {
    const file = this.fileOf(fleet);
    if (file === undefined || this.folder === undefined) return;
    // Else what was stored would be lost.
    await this.restored.get(fleet);
    const startedAt = performance.now();
    try {
      // What has been superseded is in the file of another window, too: there it stays until it is written over.
      const isOfAnother = (await fileStamps([file])) !== this.stamps.get(fleet);
      if (isOfAnother && !fleet.history.isOutdated) await this.read(fleet);
      forgetOrphans(fleet);
      const { writeHistory } = await import('./historyFile');
      fleet.history.isOutdated = false;
      await makeFolder(this.folder, 0o700);
      await writeHistory(file, fleet.history);
      this.stamps.set(fleet, await fileStamps([file]));
      await this.removeOldFiles(this.folder);
    } catch (error) {
      this.logger.warn(`${file}: the check history was not written: ${String(error)}`);
    }
    this.lastWriteMs = performance.now() - startedAt;
  }

  /** Inventories come and go; of those that are gone the oldest histories go, too. */
  private async removeOldFiles(folder: string): Promise<void> {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
    if (names.length <= maxFiles) return;
    const files = await Promise.all(
      names.map(async (name) => ({ name, mtimeMs: (await stat(join(folder, name))).mtimeMs })),
    );
    files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    for (const { name } of files.slice(maxFiles)) await rm(join(folder, name), { force: true });
  }
}

function forgetOrphans(fleet: Fleet): void {
  const oldest = Date.now() - orphanMs;
  for (const key of fleet.history.keys()) {
    const isOrphan = !fleet.checksOf(key.host).some(({ name }) => name === key.check);
    if (isOrphan && (fleet.history.lastAt(key.host, key.check) ?? 0) < oldest) fleet.history.forget(key);
  }
}
