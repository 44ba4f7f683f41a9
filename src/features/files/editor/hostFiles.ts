import { type Disposable, l10n, type Uri } from 'vscode';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import type { FileSession } from '../../../platform/transport/files/fileSession';
import { FileSessions } from '../../../platform/transport/files/fileSessions';
import { assertTrusted, type Batches } from '../../../shell/editor/batches';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { isUnattended } from '../../../shell/editor/prompts/unattended';
import { readHostFileUri } from './hostFileUri';
import { uriOfHostFile } from './uriOfHostFile';

/** A path on a host of a fleet. */
export interface Place {
  fleet: Fleet;
  host: Host;
  path: string;
}

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
    const file = readHostFileUri(uri);
    if (!file) throw new MusterError('USAGE', l10n.t('“{0}” names no file on a host.', uri.toString()));
    await this.fleets.whenLoaded();
    const { host: name, path, inventory } = file;
    const found = this.fleets.shown.flatMap((fleet): Place[] => {
      const host = fleet.inventory?.hosts.get(name);
      const isMeant = inventory === undefined || fleet.id === inventory;
      return host && isMeant ? [{ fleet, host, path }] : [];
    });
    if (found.length === 1) return found[0]!;
    const hint =
      found.length === 0
        ? l10n.t(
            'It may have been renamed in muster.yaml, or its inventory is not open: put it back and try again, or copy the text elsewhere.',
          )
        : l10n.t('Open the file again from the Hosts view.');
    throw new MusterError(
      'INVENTORY',
      found.length === 0
        ? l10n.t('There is no host “{0}”.', name)
        : l10n.t('Several inventories have a host “{0}”.', name),
      { host: name, phase: 'inventory', hint },
    );
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
