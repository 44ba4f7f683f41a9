import { commands, EventEmitter, type Disposable } from 'vscode';
import { MusterError } from '../../core/errors';
import type { Logger } from '../../core/host';
import type { PortForward } from '../../core/ssh/portForward';
import type { Batches } from '../batches';
import { assertTrusted } from '../batches';
import { Disposables } from '../disposables';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
import { type ForwardTarget, targetText } from './forwardTarget';

/** Milliseconds between two drawings of a row whose counts change. */
const drawMs = 250;

/** A port of a host, or one that the host reaches, on 127.0.0.1. */
export interface Forward {
  readonly fleet: Fleet;
  readonly host: string;
  readonly target: ForwardTarget;
  readonly port: PortForward;
  /** Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** The forwarded ports of this window. */
export class Forwards implements Disposable {
  private readonly open = new Set<Forward>();
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<{ fleet: Fleet; host: string }>());
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly fleets: Fleets,
    private readonly batches: Batches,
    private readonly logger: Logger,
  ) {
    this.owned.add(fleets.onDidChange(() => this.closeOrphans()));
  }

  get all(): readonly Forward[] {
    return [...this.open];
  }

  of(fleet: Fleet, host: string): readonly Forward[] {
    return this.all.filter((forward) => forward.fleet === fleet && forward.host === host);
  }

  /**
   * Listens until it is closed, the window ends or the inventory goes; the host is logged in to at the first connection.
   * @throws MusterError REFUSED when the local port is taken, INVENTORY for an unknown host
   */
  async start(fleet: Fleet, host: string, target: ForwardTarget): Promise<Forward> {
    assertTrusted();
    const known = fleet.inventory?.hosts.get(host);
    if (!known) throw new MusterError('INVENTORY', `“${host}” is not in the inventory`);
    const { forwardPort } = await import('../../core/ssh/portForward');
    let timer: NodeJS.Timeout | undefined;
    const draw = () => {
      timer = undefined;
      this.changed.fire({ fleet, host });
    };
    // The engine stays for as long as the port is forwarded.
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const port = await new Promise<PortForward>((resolve, reject) => {
      void fleet
        .use(async ({ ssh }) => {
          const title = `${host} → ${targetText(target)}`;
          const connect: typeof ssh.connect = (to, destination, options) =>
            this.batches.run({ title, total: 1, quiet: true }, () => ssh.connect(to, destination, options));
          const { address, port, localPort } = target;
          const options = {
            port: localPort,
            onChange: () => (timer ??= setTimeout(draw, drawMs)),
            onFailure: (error: MusterError) =>
              this.logger.warn(`forward ${title}: ${error.code}: ${error.message}`),
          };
          resolve(await forwardPort({ connect }, known, { address, port }, options));
          await released;
        })
        .catch(reject);
    });
    const forward: Forward = {
      ...{ fleet, host, target, port },
      close: async () => {
        if (!this.open.delete(forward)) return;
        this.tell();
        clearTimeout(timer);
        draw();
        await port.close();
        release();
        this.logger.info(`forward of ${targetText(target)} on ${host} ended`);
      },
    };
    this.open.add(forward);
    this.tell();
    this.logger.info(`127.0.0.1:${port.port} leads to ${targetText(target)} on ${host}`);
    draw();
    return forward;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.all.map((forward) => forward.close()));
  }

  dispose(): void {
    void this.closeAll();
    this.owned.dispose();
  }

  private tell(): void {
    void commands.executeCommand('setContext', 'muster.forwarding', this.open.size > 0);
  }

  private closeOrphans(): void {
    const fleets = new Set(this.fleets.all);
    for (const forward of this.all) if (!fleets.has(forward.fleet)) void forward.close();
  }
}
