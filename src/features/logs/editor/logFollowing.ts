import { type Disposable, type Event, EventEmitter, l10n, workspace } from 'vscode';
import type { Core } from '../../../engine/createCore';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError, toMusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import type { FileReach } from '../core/file/fileLogContract';
import type { ShownLog } from '../core/file/shownLog';
import type { LogTarget } from '../core/logSession';
import type { LogView } from '../core/logView';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { logMemorySetting } from './logSettings';
import type { LogOrder } from './panel/logOrder';

export type FollowingState =
  | { kind: 'waiting'; why: string }
  | { kind: 'open'; session: ShownLog; view: LogView; file: OpenFile | undefined }
  | { kind: 'failed'; error: MusterError };

/** What is special about a file that is read where it is. */
export interface OpenFile {
  readonly reach: FileReach;
  /** Shows the lines from an offset on; there is no need for it where all of the file is read. */
  readonly seek?: (offset: number) => Promise<void>;
}

/** Milliseconds for opening a file and for finding a time in it. */
const openMs = 30_000;

/** One session for what was ordered, and the view of it that is shown. It begins when its inventory is there. */
export class LogFollowing implements Disposable {
  private readonly changed = new EventEmitter<void>();
  /** Something is to be shown anew. */
  readonly onDidChange = this.changed.event;
  private readonly closing = new AbortController();
  private now: FollowingState = { kind: 'waiting', why: l10n.t('Opening…') };
  fleet: Fleet | undefined;

  constructor(
    readonly order: LogOrder,
    private readonly ports: { fleets: Fleets; fileWorker: string },
  ) {
    void this.run();
  }

  get state(): FollowingState {
    return this.now;
  }

  get open(): Extract<FollowingState, { kind: 'open' }> | undefined {
    return this.now.kind === 'open' ? this.now : undefined;
  }

  /** Follows more sources of the inventory from a time on. */
  async add(targets: (core: Core) => LogTarget[], time: number): Promise<void> {
    await this.fleet?.use((core) => {
      this.open?.session.add({ targets: targets(core), start: { time } });
      return Promise.resolve();
    });
  }

  dispose(): void {
    this.closing.abort(new MusterError('CANCELLED', 'the panel was closed'));
    this.changed.dispose();
  }

  private show(state: FollowingState): void {
    this.now = state;
    if (!this.closing.signal.aborted) this.changed.fire();
  }

  private async run(): Promise<void> {
    try {
      const { inventory, file } = this.order;
      if (inventory === '' && file !== undefined) return await this.readHere(file);
      const fleet = (this.fleet = await this.find());
      await fleet?.use((core) =>
        file === undefined ? this.follow(core, fleet) : this.readThere(core, fleet, file),
      );
    } catch (error) {
      this.show({ kind: 'failed', error: toMusterError(error) });
    }
  }

  private follow(core: Core, fleet: Fleet): Promise<void> {
    const { order } = this;
    const targets = targetsOf(core, order, fleet);
    const memory = logMemorySetting.get() * 1024 * 1024;
    return this.showUntilClosed(core.logs.follow({ targets, start: order.start }, { memory }));
  }

  /** A file of this machine: all of it, in a thread. */
  private async readHere(path: string): Promise<void> {
    const { FileLogThread } = await import('../core/file/fileLogThread');
    const session = new FileLogThread(this.ports.fileWorker, path);
    await this.showUntilClosed(session, { reach: () => session.reach });
  }

  /** A file of a host: what is looked at. */
  private async readThere(core: Core, fleet: Fleet, path: string): Promise<void> {
    const { FileLogSession } = await import('../core/file/fileLogSession');
    const [host] = hostsOf(this.order, fleet);
    const within = async <Result>(work: (deadline: Deadline) => Promise<Result>) => {
      const deadline = new Deadline(openMs, this.closing.signal);
      try {
        return await work(deadline);
      } finally {
        deadline.dispose();
      }
    };
    const file = await within((deadline) => core.logs.open(host!, path, deadline));
    const session = new FileLogSession(file, {
      reads: 'parts',
      seekTime: (time) => within((deadline) => core.logs.seekTime(file, time, deadline)),
    });
    await this.showUntilClosed(session, {
      reach: () => session.reach,
      seek: (offset) => session.seek(offset),
    });
  }

  private async showUntilClosed(
    session: ShownLog,
    file?: { reach: () => FileReach; seek?: OpenFile['seek'] },
  ): Promise<void> {
    const ends = [session.onStreams, session.onStats].map((listen) => listen(() => this.changed.fire()));
    try {
      const view = await session.view();
      ends.push(
        view.onState(() => this.changed.fire()),
        view.onFind(() => this.changed.fire()),
      );
      const opened = file && {
        get reach() {
          return file.reach();
        },
        ...(file.seek && { seek: file.seek }),
      };
      this.show({ kind: 'open', session, view, file: opened });
      await aborted(this.closing.signal);
    } finally {
      for (const end of ends) end();
      await session.dispose();
    }
  }

  /** Waits until the inventory is there and hosts may be connected to. */
  private async find(): Promise<Fleet | undefined> {
    const { fleets } = this.ports;
    while (!this.closing.signal.aborted) {
      const fleet = fleets.all.find(({ id }) => id === this.order.inventory);
      if (fleet?.inventory && workspace.isTrusted) return fleet;
      this.show({
        kind: 'waiting',
        why: workspace.isTrusted
          ? l10n.t('The inventory of these hosts is not open.')
          : l10n.t('Muster connects to nothing in Restricted Mode.'),
      });
      await this.oneOf(fleets.onDidChange, workspace.onDidGrantWorkspaceTrust);
    }
    return undefined;
  }

  /** Resolves at the first of the events, or when the panel is closed. */
  private async oneOf(...events: Event<void>[]): Promise<void> {
    const listeners: Disposable[] = [];
    const happened = events.map((event) => new Promise<void>((done) => listeners.push(event(() => done()))));
    await Promise.race([...happened, aborted(this.closing.signal)]);
    for (const listener of listeners) listener.dispose();
  }
}

/** @throws MusterError INVENTORY for hosts or sources that are no longer there */
function targetsOf(core: Core, order: LogOrder, fleet: Fleet): LogTarget[] {
  const hosts = hostsOf(order, fleet);
  const { origin, sources } = order;
  return origin ? core.logs.targetsFor(hosts, origin) : core.logs.targetsOf(fleet.inventory!, hosts, sources);
}

/** @throws MusterError INVENTORY */
function hostsOf({ hosts }: LogOrder, { inventory }: Fleet): Host[] {
  return hosts.map((name) => {
    const host = inventory?.hosts.get(name);
    if (host) return host;
    throw new MusterError('INVENTORY', l10n.t('The host {0} is no longer in the inventory.', name));
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
