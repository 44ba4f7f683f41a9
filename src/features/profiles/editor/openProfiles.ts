import { basename } from 'node:path';
import type { TransferListItem } from 'node:worker_threads';
import {
  type Disposable,
  type Event,
  EventEmitter,
  l10n,
  ProgressLocation,
  RelativePattern,
  Uri,
  window,
  workspace,
} from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import type { OrderAnswer, OrderInput, OrderName } from '../core/analysis/profileOrders';
import { ProfileThread } from '../core/profileThread';

/** A profile that somebody looks at; its thread lives until the last of them disposes it. */
export interface OpenProfile extends Disposable {
  readonly uri: Uri;
  readonly name: string;
  /** The file was written anew: what is asked from now on is of what it holds then. */
  readonly onDidChange: Event<void>;
  /** @throws MusterError FORMAT, TOO_LARGE, CANCELLED, and what reading the file throws */
  ask<Name extends OrderName>(
    order: Name,
    input: OrderInput<Name>,
    signal?: AbortSignal,
    transfer?: readonly TransferListItem[],
  ): Promise<OrderAnswer<Name>>;
}

/** The profiles that are open, a thread for each file, shared by all who look at it. */
export class OpenProfiles implements Disposable {
  private readonly shared = new Map<string, SharedProfile>();

  /** `worker` is the bundle of profile.worker.ts. */
  constructor(private readonly worker: string) {}

  /** Costs nothing before something is asked. */
  open(uri: Uri): OpenProfile {
    const key = uri.toString();
    const shared = this.shared.get(key) ?? new SharedProfile(uri, this.worker);
    this.shared.set(key, shared);
    shared.holders++;
    let isHeld = true;
    return {
      ...{ uri, name: shared.name, onDidChange: shared.onDidChange },
      ask: (order, input, signal, transfer) => shared.ask(order, input, signal, transfer),
      dispose: () => {
        if (!isHeld) return;
        isHeld = false;
        if (--shared.holders > 0) return;
        this.shared.delete(key);
        shared.dispose();
      },
    };
  }

  dispose(): void {
    for (const shared of this.shared.values()) shared.dispose();
    this.shared.clear();
  }
}

class SharedProfile {
  holders = 0;
  readonly name: string;
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly watcher: Disposable;
  private thread: Promise<ProfileThread> | undefined;
  /** How often the file was written anew. */
  private renewals = 0;

  constructor(
    private readonly uri: Uri,
    private readonly worker: string,
  ) {
    this.name = basename(uri.path);
    const watcher = workspace.createFileSystemWatcher(
      new RelativePattern(Uri.joinPath(uri, '..'), escapeGlob(this.name)),
    );
    const renew = () => {
      this.renewals++;
      this.end();
      this.changed.fire();
    };
    watcher.onDidChange(renew);
    watcher.onDidCreate(renew);
    this.watcher = watcher;
  }

  async ask<Name extends OrderName>(
    order: Name,
    input: OrderInput<Name>,
    signal?: AbortSignal,
    transfer?: readonly TransferListItem[],
  ): Promise<OrderAnswer<Name>> {
    const { renewals } = this;
    try {
      return await this.askThread(order, input, signal, transfer);
    } catch (error) {
      // Written anew meanwhile, such as a capture that is told of late: what it holds now is what is asked about.
      const isOutdated = this.renewals !== renewals && this.holders > 0 && !signal?.aborted;
      if (!isOutdated || transfer?.length || !MusterError.is(error, 'CANCELLED')) throw error;
      return this.ask(order, input, signal);
    }
  }

  private async askThread<Name extends OrderName>(
    order: Name,
    input: OrderInput<Name>,
    signal?: AbortSignal,
    transfer?: readonly TransferListItem[],
  ): Promise<OrderAnswer<Name>> {
    if (this.thread) return (await this.thread).ask(order, input, signal, transfer);
    this.thread = this.start();
    // What could not be read may be there the next time.
    this.thread.catch(() => (this.thread = undefined));
    const thread = await this.thread;
    const asked = thread.ask(order, input, signal, transfer);
    const title = l10n.t('Reading {0}…', this.name);
    void window.withProgress({ location: ProgressLocation.Window, title }, () =>
      asked.then(
        () => {},
        () => {},
      ),
    );
    return asked;
  }

  dispose(): void {
    this.end();
    this.watcher.dispose();
    this.changed.dispose();
  }

  private async start(): Promise<ProfileThread> {
    const { scheme, fsPath } = this.uri;
    const content = scheme === 'file' ? fsPath : await workspace.fs.readFile(this.uri);
    return new ProfileThread(this.worker, { name: this.name, content });
  }

  private end(): void {
    void this.thread?.then(
      (thread) => thread.dispose(),
      () => {},
    );
    this.thread = undefined;
  }
}

const escapeGlob = (name: string) => name.replace(/[[\]{}*?]/g, '[$&]');

declare module '../../../shell/editor/services' {
  interface Services {
    /** Profiles, read once for all who look at them. */
    readonly profiles: OpenProfiles;
  }
}
