import { access, lstat, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type Disposable, EventEmitter, l10n, RelativePattern, Uri, workspace } from 'vscode';
import type { ExtraProbes } from '../../../features/checks/core/extraProbes';
import type { CheckTarget } from '../../../features/checks/core/checkBatch';
import type { Core, CoreOptions } from '../../../engine/createCore';
import { MusterError, toMusterError } from '../../../platform/errors/errors';
import type { ClusterLogin, ClusterSurroundings } from '../../../features/etcd/core/client/etcdClusters';
import type { Logger } from '../../../platform/host/host';
import { type Check, checks } from '../../../features/checks/core/check';
import type { Fragment } from '../../../platform/inventory/fragment';
import type { Inventory, Problem } from '../../../platform/inventory/model';
import { Disposables } from '../disposables';
import { maxConnectionsSetting } from '../settings';
import { restrictedFiles } from './restrictedFiles';
import { isBrokenEdit } from './brokenEdit';
import { CheckHistory } from '../../../features/checks/editor/checkHistory';
import { CheckVerdicts, type Tally } from './checkVerdicts';
import { fileStamps } from './fileStamps';
import { type FleetFiles, FleetSources } from './fleetSources';
import { isSuperseded, TargetChanges } from './targetChanges';

export interface FleetOptions {
  /** Stable over reloads: the folder's URI, or `lab`. */
  id: string;
  label: string;
  /** Path of the muster.yaml, which need not exist. */
  file: string;
  core: FleetCore;
}

/** What the engines of all fleets are made with. */
export interface FleetCore extends Omit<CoreOptions, 'maxConnections' | 'etcd'> {
  etcd?: (fleet: Fleet) => ClusterSurroundings;
}

const debounceMs = 150;
/** The editor's watcher begins late in a busy window, and tells nothing of what changed before. */
const lookAgainMs = [2_000, 10_000];

/** One inventory on screen, with what its checks found and the engine that works on it. */
export class Fleet implements Disposable {
  readonly verdicts = new CheckVerdicts();
  /** What the checks found before, over sessions. */
  readonly history = new CheckHistory();
  /** The inventory on screen; undefined while there is none to show. */
  inventory: Inventory | undefined;
  /** What is wrong with the file as it is now, also while an older inventory is shown. */
  problems: readonly Problem[] = [];
  /** True when the file was broken by an edit and `inventory` is the last good one. */
  stale = false;

  private readonly inventoryChanged = new EventEmitter<void>();
  private readonly verdictsChanged = new EventEmitter<ReadonlySet<string>>();
  readonly onDidChangeInventory = this.inventoryChanged.event;
  /** Names of the hosts whose verdicts changed. */
  readonly onDidChangeVerdicts = this.verdictsChanged.event;

  private readonly owned = new Disposables();
  private watchers = new Disposables();
  private watched: readonly string[] = [];
  private loading: Promise<void> | undefined;
  private loadAgain = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly looks = new Set<NodeJS.Timeout>();
  private stamps = '';
  private disposed = false;
  private checksByHost = new Map<string, Check[]>();
  private readonly targetChanges = new TargetChanges();
  private counted: Tally | undefined;
  private opening: Promise<Core> | undefined;
  private core: Core | undefined;
  private readonly sources: FleetSources;

  constructor(private readonly options: FleetOptions) {
    this.owned.add(this.inventoryChanged);
    this.owned.add(this.verdictsChanged);
    this.sources = this.owned.add(
      new FleetSources({
        logger: this.logger,
        clusters: { ready: (name, deadline) => this.use(({ etcd }) => etcd.ready(name, deadline)) },
        changed: () => {
          this.showFound();
          this.inventoryChanged.fire();
        },
      }),
    );
    this.watch([options.file]);
    // What is saved here need not wait for the file system to tell.
    this.owned.add(
      workspace.onDidSaveTextDocument(({ uri }) => {
        if (this.watched.includes(uri.fsPath)) this.loadSoon();
      }),
    );
  }

  get id(): string {
    return this.options.id;
  }

  get label(): string {
    return this.options.label;
  }

  get file(): string {
    return this.options.file;
  }

  private get logger(): Logger {
    return this.options.core.logger;
  }

  /** Reads the inventory again; calls during a load lead to one more load. */
  load(): Promise<void> {
    if (this.loading) this.loadAgain = true;
    this.loading ??= this.loadUntilCurrent().finally(() => (this.loading = undefined));
    return this.loading;
  }

  /** Reads the inventory again if its files are not those that were read, whether or not a watcher told so. */
  lookAgain(): void {
    this.loadIfChanged().catch(this.logFailure);
  }

  /** The checks of a host, in the inventory's order. */
  checksOf(host: string): readonly Check[] {
    return this.checksByHost.get(host) ?? [];
  }

  /** What to check when these hosts are asked about; hosts that an edit removed are left out. */
  targetsOf(hosts: Iterable<string>): CheckTarget[] {
    return [...hosts].flatMap((name) => {
      const host = this.inventory?.hosts.get(name);
      return host ? this.checksOf(name).map((check) => ({ host, check })) : [];
    });
  }

  /** Of all hosts; counted once until a verdict changes. */
  get tally(): Readonly<Tally> {
    return (this.counted ??= this.verdicts.tally(this.inventory?.hosts.keys() ?? []));
  }

  begin(targets: readonly CheckTarget[]): void {
    for (const { host, check } of targets) this.verdicts.begin(host.name, check.name);
    this.refresh(new Set(targets.map(({ host }) => host.name)));
  }

  record(result: Parameters<CheckVerdicts['record']>[0], at = Date.now()): void {
    this.verdicts.record(result, at);
    this.refresh(new Set([result.host]));
  }

  /** Ends what `begin` began without a result. */
  abandon({ host, check }: CheckTarget): void {
    this.verdicts.abandon(host.name, check.name);
    this.refresh(new Set([host.name]));
  }

  /** Whether an edit made the target another one of the same name. */
  isSuperseded(target: CheckTarget): boolean {
    return this.inventory !== undefined && isSuperseded(target, this.inventory);
  }

  /** Draws hosts anew whose verdicts came or aged without a check. */
  refresh(hosts: ReadonlySet<string>): void {
    if (hosts.size === 0) return;
    this.counted = undefined;
    this.verdictsChanged.fire(hosts);
  }

  /** Lends the engine, which is made when it is first used. @throws MusterError CANCELLED when the inventory was closed */
  async use<T>(work: (core: Core) => Promise<T>): Promise<T> {
    this.opening ??= this.openCore().catch((error: unknown) => {
      // The next one tries again.
      this.opening = undefined;
      throw error;
    });
    return work(await this.opening);
  }

  /** How the login to a cluster went; undefined before one was tried. */
  loginOf(cluster: string): ClusterLogin {
    return this.core?.etcd.loginOf(cluster);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    for (const look of this.looks) clearTimeout(look);
    this.watchers.dispose();
    this.owned.dispose();
    void this.core?.dispose();
  }

  private async loadIfChanged(): Promise<void> {
    const stamps = await this.fileStamps();
    if (!this.disposed && !this.loading && stamps !== this.stamps) await this.load();
  }

  /** In Restricted Mode a link is not followed only to see whether it has changed. */
  private fileStamps(): Promise<string> {
    return fileStamps(this.watched, workspace.isTrusted ? stat : lstat);
  }

  private async openCore(): Promise<Core> {
    const { createCore } = await import('../../../engine/createCore');
    if (this.disposed) throw new MusterError('CANCELLED', l10n.t('The inventory was closed.'));
    const { etcd, ...options } = this.options.core;
    this.core = createCore({
      ...options,
      maxConnections: () => maxConnectionsSetting.get(Uri.file(this.file)),
      ...(etcd && { etcd: etcd(this) }),
    });
    this.core.inventory = this.inventory;
    return this.core;
  }

  private async loadUntilCurrent(): Promise<void> {
    do {
      this.loadAgain = false;
      await this.loadOnce();
    } while (this.loadAgain && !this.disposed);
  }

  private async loadOnce(): Promise<void> {
    const startedAt = performance.now();
    // Taken before they are read: what changes meanwhile is read once more, and never missed.
    const before = await this.fileStamps();
    const { files, problems } = await readInventory(this.file, this.options.core.extraProbes);
    if (files) await this.sources.prepare(files);
    if (this.disposed) return;
    const next = files?.inventory;
    this.problems = problems;
    this.stale = next !== undefined && this.inventory !== undefined && isBrokenEdit(this.inventory, next);
    if (!this.stale) {
      this.sources.follow(files);
      this.showFound();
    }
    const isSameFiles = !this.watch(next?.files ?? [this.file]);
    if (next) {
      const ms = Math.round(performance.now() - startedAt);
      this.logger.info(
        `${this.file}: ${this.inventory?.hosts.size ?? 0} hosts, ${this.problems.length} problems (${ms} ms)`,
      );
    }
    // In one turn with `show`: nobody sees what the engine has closed before knowing that it has gone.
    this.inventoryChanged.fire();
    this.stamps = isSameFiles ? before : await this.fileStamps();
  }

  /** Shows what files and sources come to now; of a file that an edit broke, its own problems stay. */
  private showFound(): void {
    const { inventory } = this.sources;
    this.show(inventory);
    if (inventory && !this.stale) this.problems = inventory.problems;
  }

  private show(inventory: Inventory | undefined): void {
    this.inventory = inventory;
    if (this.core) this.core.inventory = inventory;
    this.checksByHost = new Map();
    for (const check of inventory?.section(checks).values() ?? []) {
      for (const host of check.hosts) {
        const checks = this.checksByHost.get(host);
        if (checks) checks.push(check);
        else this.checksByHost.set(host, [check]);
      }
    }
    this.counted = undefined;
    const isAnother = inventory && this.targetChanges.follow(inventory);
    if (isAnother) this.history.supersede(isAnother);
    this.verdicts.retain(
      (host, name) => !isAnother?.(host, name) && this.checksOf(host).some((check) => check.name === name),
    );
  }

  /** Watches every file that the inventory is made of, wherever it lies; false if they are watched already. */
  private watch(files: readonly string[]): boolean {
    const all = [...new Set([this.file, ...files])];
    if (all.join('\0') === this.watched.join('\0')) return false;
    this.watched = all;
    this.watchers.dispose();
    this.watchers = new Disposables();
    for (const file of all) {
      const pattern = new RelativePattern(Uri.file(dirname(file)), basename(file));
      const watcher = this.watchers.add(workspace.createFileSystemWatcher(pattern));
      watcher.onDidChange(this.loadSoon);
      watcher.onDidCreate(this.loadSoon);
      watcher.onDidDelete(this.loadSoon);
    }
    for (const delay of lookAgainMs) {
      const look = setTimeout(() => {
        this.looks.delete(look);
        this.lookAgain();
      }, delay);
      this.looks.add(look);
    }
    return true;
  }

  private readonly loadSoon = () => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.load().catch(this.logFailure);
    }, debounceMs);
  };

  private readonly logFailure = (error: unknown) => this.logger.error(`${this.file}: ${String(error)}`);
}

/** A file that is not there is no problem; one that cannot be read is. */
async function readInventory(
  file: string,
  extra: ExtraProbes | undefined,
): Promise<{ files?: FleetFiles; problems: readonly Problem[] }> {
  const refuse = restrictedFiles(file);
  const refusal = await refuse?.(file, 'file');
  if (refusal) {
    const message = l10n.t('Cannot read {0}: {1}', file, refusal.reason);
    return { problems: [{ severity: refusal.severity, message, range: startOf(file) }] };
  }
  try {
    await access(file);
  } catch {
    return { problems: [] };
  }
  const [{ loadFiles }, { assembleInventory }, { sectionsWith }] = await Promise.all([
    import('../../../platform/inventory/loadInventory'),
    import('../../../platform/inventory/assembleInventory'),
    import('../../../engine/sections'),
  ]);
  const sections = sectionsWith(extra?.all ?? []);
  try {
    const files = await loadFiles(file, { sections, ...(refuse && { refuse }) });
    const join = (found: readonly Fragment[]) => assembleInventory([...files.fragments, ...found], sections);
    return { files: { ...files, join }, problems: files.inventory.problems };
  } catch (error) {
    return { problems: [{ severity: 'error', message: toMusterError(error).message, range: startOf(file) }] };
  }
}

function startOf(file: string): Problem['range'] {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}
