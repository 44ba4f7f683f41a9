import { Deadline } from '../../batch/deadline';
import { MusterError } from '../../errors/errors';
import type { Host } from '../../inventory/model';
import { t } from '../../l10n/l10n';
import type { FileSession } from './fileSession';
import type { HostTransport } from '../hostTransport';

interface Session {
  pool: Pick<HostTransport, 'files'>;
  opening: Promise<FileSession>;
  channel?: FileSession;
  uses: number;
  idle?: NodeJS.Timeout;
}

export interface FileSessionsOptions {
  /** Milliseconds until an unused session is closed. */
  idleMs?: number;
  /** Milliseconds for opening one, logging in included; the time of people who are asked does not count. */
  openMs?: number;
}

/** One SFTP session a host, kept for a moment: editors ask for a file's state, its content and its folder in a row. */
export class FileSessions {
  private readonly sessions = new Map<Host, Session>();
  private readonly closing = new AbortController();
  private readonly idleMs: number;
  private readonly openMs: number;

  constructor({ idleMs = 15_000, openMs = 60_000 }: FileSessionsOptions = {}) {
    this.idleMs = idleMs;
    this.openMs = openMs;
  }

  /**
   * Lends the session of a host. `work` is done once more with another one when the connection was lost under it,
   * unless it is said to be done at most once.
   * @throws MusterError
   */
  async use<T>(
    pool: Pick<HostTransport, 'files'>,
    host: Host,
    work: (sftp: FileSession) => Promise<T>,
    { once = false }: { once?: boolean } = {},
  ): Promise<T> {
    for (let again = once; ; again = true) {
      const session = this.sessionOf(pool, host);
      const isFresh = session.channel === undefined;
      session.uses++;
      clearTimeout(session.idle);
      try {
        return await work(await session.opening);
      } catch (error) {
        const isStale = !isFresh && session.channel?.isClosed === true && MusterError.is(error, 'RESET');
        if (again || !isStale) throw error;
      } finally {
        this.giveBack(host, session);
      }
    }
  }

  /** Whether there is a session that needs no logging in. */
  isOpen(host: Host): boolean {
    return this.sessions.get(host)?.channel?.isClosed === false;
  }

  dispose(): void {
    this.closing.abort(new MusterError('CANCELLED', t('the files of the hosts are being closed')));
    for (const [host, session] of this.sessions) this.close(host, session);
  }

  private sessionOf(pool: Pick<HostTransport, 'files'>, host: Host): Session {
    const known = this.sessions.get(host);
    if (known && known.pool === pool && !known.channel?.isClosed) return known;
    if (known) this.close(host, known);
    const session: Session = { pool, uses: 0, opening: this.open(pool, host) };
    this.sessions.set(host, session);
    session.opening.then(
      (channel) => {
        session.channel = channel;
        if (this.sessions.get(host) !== session && session.uses === 0) channel.close();
      },
      () => this.forget(host, session),
    );
    return session;
  }

  private async open(pool: Pick<HostTransport, 'files'>, host: Host): Promise<FileSession> {
    const deadline = new Deadline(this.openMs, this.closing.signal);
    try {
      return await pool.files(host, { deadline, overrideCircuit: true });
    } finally {
      deadline.dispose();
    }
  }

  private giveBack(host: Host, session: Session): void {
    if (--session.uses > 0) return;
    if (this.sessions.get(host) !== session || session.channel?.isClosed) return this.close(host, session);
    session.idle = setTimeout(() => this.close(host, session), this.idleMs).unref();
  }

  private close(host: Host, session: Session): void {
    this.forget(host, session);
    clearTimeout(session.idle);
    // One that others still use is closed when they give it back.
    if (session.uses === 0 || this.closing.signal.aborted) session.channel?.close();
  }

  private forget(host: Host, session: Session): void {
    if (this.sessions.get(host) === session) this.sessions.delete(host);
  }
}
