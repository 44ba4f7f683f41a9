import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Disposable, EventEmitter, type Uri, workspace } from 'vscode';
import type { OrderAnswer, OrderInput, OrderName } from '../../core/analysis/profileOrders';
import type { ProfileSummary } from '../../core/analysis/profileSummary';
import { Disposables } from '../../../../shell/editor/disposables';
import { locateSource } from '../source/locateSource';
import type { OpenProfile, OpenProfiles } from '../openProfiles';
import type { StoredCapture } from '../capture/storedCapture';
import { pathMappingSetting } from '../source/pathMappingSetting';
import { workspacePaths } from '../source/workspaceFiles';

/** Files of a profile that are looked for source maps, and that are told to be of the workspace. */
const mostGenerated = 200;
const mostFiles = 20_000;
const longestTickMs = 20;

/** What is known once a profile is read and its files are looked for. */
export interface PreparedProfile {
  summary: ProfileSummary;
  /** The files that its functions are in, by the paths of the workspace that they mean. */
  filesByPath: ReadonlyMap<string, readonly string[]>;
  files: readonly string[];
}

/** A profile in the Profiles view. Its thread starts when it is looked into, and ends when it is let go. */
export class ProfileEntry implements Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<void>());
  /** The file was written anew, or its paths mean other files. */
  readonly onDidChange = this.changed.event;
  private lease: OpenProfile | undefined;
  private listening: Disposable | undefined;
  private preparing: Promise<PreparedProfile> | undefined;
  usedAt = 0;

  constructor(
    readonly uri: Uri,
    private readonly profiles: OpenProfiles,
    readonly capture?: StoredCapture,
  ) {}

  get key(): string {
    return this.uri.toString();
  }

  get isOpen(): boolean {
    return this.lease !== undefined;
  }

  /** Milliseconds since the epoch at which what it shows was over. */
  async capturedAt(): Promise<number> {
    if (this.capture) return this.capture.startedAt + (this.capture.durationMs ?? 0);
    return (await stat(this.uri.fsPath).catch(() => undefined))?.mtimeMs ?? 0;
  }

  /** @throws MusterError FORMAT, TOO_LARGE, CANCELLED */
  prepare(): Promise<PreparedProfile> {
    this.usedAt = Date.now();
    if (!this.preparing) {
      const preparing = this.read();
      this.preparing = preparing;
      preparing.catch(() => {
        if (this.preparing === preparing) this.preparing = undefined;
      });
    }
    return this.preparing;
  }

  /** @throws MusterError FORMAT, TOO_LARGE, CANCELLED */
  async ask<Name extends OrderName>(
    order: Name,
    input: OrderInput<Name>,
    signal?: AbortSignal,
  ): Promise<OrderAnswer<Name>> {
    await this.prepare();
    return this.opened().ask(order, input, signal);
  }

  /** Ends its thread; it is read again when it is asked about. */
  release(): void {
    this.listening?.dispose();
    this.lease?.dispose();
    this.lease = this.listening = this.preparing = undefined;
  }

  dispose(): void {
    this.release();
    this.owned.dispose();
  }

  private opened(): OpenProfile {
    if (this.lease) return this.lease;
    this.lease = this.profiles.open(this.uri);
    this.listening = Disposable.from(
      this.lease.onDidChange(() => this.forget()),
      pathMappingSetting.onDidChange(() => this.forget()),
    );
    return this.lease;
  }

  private forget(): void {
    this.preparing = undefined;
    this.changed.fire();
  }

  private async read(): Promise<PreparedProfile> {
    const profile = this.opened();
    const summary = await profile.ask('summary', undefined);
    const named = (await profile.ask('files', undefined)).slice(0, mostFiles);
    const files = await profile.ask('locate', await this.generated(named));
    const paths = await workspacePaths();
    const filesByPath = new Map<string, string[]>();
    const mine: string[] = [];
    let since = performance.now();
    for (const file of files.slice(0, mostFiles)) {
      if (performance.now() - since > longestTickMs) {
        await setImmediate();
        since = performance.now();
      }
      const found = paths.of(file);
      if (found.length > 0) mine.push(file);
      for (const path of found) filesByPath.set(path, [...(filesByPath.get(path) ?? []), file]);
    }
    await profile.ask('claim', mine);
    return { summary, filesByPath, files };
  }

  private async generated(files: readonly string[]): Promise<[string, string][]> {
    // A source map names files wherever it likes.
    if (!workspace.isTrusted) return [];
    const { sourcePath } = await import('../../core/sources/sourcePath');
    const scripts = files.filter(
      (file) => /\.[cm]?js(?:[?#].*)?$/.test(file) && !file.includes('/node_modules/'),
    );
    const found = await Promise.all(
      scripts.slice(0, mostGenerated).map(async (file): Promise<[string, string] | undefined> => {
        const path = sourcePath({ name: '', file });
        const [uri, ...others] = path === undefined ? [] : await locateSource(path, this.uri);
        return uri && others.length === 0 && uri.scheme === 'file' ? [file, uri.fsPath] : undefined;
      }),
    );
    return found.filter((pair) => pair !== undefined);
  }
}
