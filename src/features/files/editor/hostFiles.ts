import type { Disposable, Uri } from 'vscode';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { FileSession } from '../../../platform/transport/files/fileSession';
import { FileSessions } from '../../../platform/transport/files/fileSessions';
import { assertTrusted, type Batches } from '../../../shell/editor/batches';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { isUnattended } from '../../../shell/editor/prompts/unattended';
import { type Place, placeOfHostFile } from './placeOfHostFile';
import { uriOfHostFile } from './uriOfHostFile';

/** Where URIs of files on hosts lead, and the sessions with these hosts. */
export class HostFiles implements Disposable {
  private readonly sessions = new FileSessions();
  private readonly closing = new AbortController();
  /** For requests that have no limit of their own: a session that gives no answers ends them. */
  readonly waiter = new Deadline(0, this.closing.signal);

  constructor(
    private readonly fleets: Fleets,
    private readonly batches: Batches,
  ) {}

  uriOf({ fleet, host, path }: { fleet: Fleet; host: string; path: string }): Uri {
    return uriOfHostFile(this.fleets, { fleet, host, path });
  }

  /** @throws MusterError USAGE for a URI of another kind, INVENTORY when it is not clear which host is meant */
  async placeOf(uri: Uri): Promise<Place> {
    await this.fleets.whenLoaded();
    return placeOfHostFile(this.fleets.shown, uri);
  }

  /** Does work over the host's session. @throws MusterError */
  async use<T>(
    { fleet, host }: Pick<Place, 'fleet' | 'host'>,
    work: (sftp: FileSession) => Promise<T>,
    options?: { once?: boolean },
  ): Promise<T> {
    assertTrusted();
    const done = () => fleet.use((core) => this.sessions.use(core.transport, host, work, options));
    if (this.sessions.isOpen(host)) return done();
    // Logging in may ask for something, also for what was declined before.
    return this.batches.run({ title: '', total: 1, quiet: true, unattended: isUnattended() }, done);
  }

  dispose(): void {
    this.closing.abort(new MusterError('CANCELLED', 'the window is being closed'));
    this.sessions.dispose();
    this.waiter.dispose();
  }
}
