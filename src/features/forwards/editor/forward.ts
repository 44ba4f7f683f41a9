import type { Disposable } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import type { PortForward } from '../../../platform/transport/portForward';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { ForwardTarget } from './forwardTarget';

/** A forwarded port as a feature uses it, until it is given back. */
export interface ForwardUse extends Disposable {
  /** On 127.0.0.1. */
  readonly localPort: number;
  /** Aborts with a MusterError when the port goes although it is used: it was stopped, or its host has gone. */
  readonly gone: AbortSignal;
}

export interface ForwardPlace {
  fleet: Fleet;
  host: string;
  target: ForwardTarget;
}

/** A port of a host, or one that the host reaches, on 127.0.0.1. */
export class Forward {
  readonly fleet: Fleet;
  readonly host: string;
  readonly target: ForwardTarget;
  /** Whether the user has asked for it: then it stays until the user stops it. */
  isOwn = false;
  private readonly uses = new Map<ForwardUse, string>();
  private readonly ended = new AbortController();

  constructor(
    place: ForwardPlace,
    readonly port: PortForward,
    private readonly events: { changed(): void; closed(): Promise<void> },
  ) {
    this.fleet = place.fleet;
    this.host = place.host;
    this.target = place.target;
  }

  get gone(): AbortSignal {
    return this.ended.signal;
  }

  /** The features that use it, each once. */
  get users(): readonly string[] {
    return [...new Set(this.uses.values())];
  }

  /** Registers a feature under the name that the user knows; the signal ends the use. */
  use(by: string, signal?: AbortSignal): ForwardUse {
    const end = () => void use.dispose();
    const use: ForwardUse = {
      localPort: this.port.port,
      gone: this.gone,
      dispose: () => {
        signal?.removeEventListener('abort', end);
        if (!this.uses.delete(use)) return;
        if (!this.closeIfUnused()) this.events.changed();
      },
    };
    this.uses.set(use, by);
    signal?.addEventListener('abort', end);
    this.events.changed();
    return use;
  }

  closeIfUnused(): boolean {
    if (this.isOwn || this.uses.size > 0) return false;
    void this.close();
    return true;
  }

  /** Resolves when nothing of it is left. */
  async close(
    reason = new MusterError(
      'CANCELLED',
      `port ${this.target.port} of ${this.host} is not forwarded any more`,
    ),
  ): Promise<void> {
    if (this.gone.aborted) return;
    this.uses.clear();
    this.ended.abort(reason);
    await this.events.closed();
  }
}
