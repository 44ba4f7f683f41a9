import { hintFor, MusterError, peerOf } from '../../../errors/errors';
import { descriptorRoom } from '../../../errors/localLimit';
import type { SecretDestination } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { threadProxy, type ThreadProxy } from '../../../threads/threadProxy';
import type { ExecOptions, HostChannel, OpenOptions } from '../../hostTransport';
import type { ConnectionSettings } from '../pool/hostConnections';
import type { SshTarget } from '../pool/sshTarget';
import { AnswersToThread } from './answersToThread';
import type { SshContract } from './sshContract';
import { ThreadCommand } from './threadCommand';

export interface SshThreadOptions {
  /** The bundle of ssh.worker.ts. */
  file: string;
  /** How many, at most. */
  count: number;
}

/** What threads have of the pool that they are a part of. */
export interface ThreadHome {
  settings: ConnectionSettings;
  knownHostsFile: string;
  inventoryFile: () => string | undefined;
  maxConnections: () => number;
}

/** What one thread has of them. */
interface ThreadShare extends ThreadHome {
  file: string;
  connections: number;
  /** Warns, unless another thread has said the same. */
  warnOnce: (message: string) => void;
}

/**
 * Threads with connections of their own. All that leads over one host, be it a jump, is in one of them, so that its
 * connections are shared as they are without threads.
 */
export class SshThreads {
  private readonly threads: (SshThread | undefined)[];
  /** The thread of each first hop. */
  private readonly placed = new Map<string, number>();
  /** How many of them each thread has. */
  private readonly hops: number[];
  private readonly warned = new Set<string>();

  constructor(
    private readonly options: SshThreadOptions,
    private readonly home: ThreadHome,
  ) {
    this.threads = Array.from({ length: options.count }, () => undefined);
    this.hops = this.threads.map(() => 0);
  }

  /** The thread that leads to the target; undefined for what stays in this one: programs that threads would leave behind. */
  of(target: SshTarget): SshThread | undefined {
    const { proxyCommand, ...hop } = firstHop(target);
    if (proxyCommand !== undefined) return undefined;
    const name = peerOf(hop).toLowerCase();
    let place = this.placed.get(name);
    if (place === undefined) {
      this.placed.set(name, (place = this.idlest()));
      this.hops[place]!++;
    }
    let thread = this.threads[place];
    if (!thread || thread.isLost) this.threads[place] = thread = this.start();
    return thread;
  }

  async dispose(reason: MusterError): Promise<void> {
    const started = this.threads.filter((thread) => thread !== undefined);
    await Promise.all(started.map((thread) => thread.dispose(reason)));
  }

  /** The thread with the least under way; of those the one with the fewest hops. */
  private idlest(): number {
    const places = this.threads.map((thread, place) => ({
      ...{ place, load: thread?.load ?? 0, hops: this.hops[place]! },
    }));
    places.sort((one, other) => one.load - other.load || one.hops - other.hops);
    return places[0]!.place;
  }

  private start(): SshThread {
    const { file, count } = this.options;
    const share = Math.floor(Math.min(this.home.maxConnections(), descriptorRoom()) / count);
    return new SshThread({
      ...this.home,
      ...{ file, connections: Math.max(1, share) },
      warnOnce: (message) => {
        if (this.warned.has(message)) return;
        this.warned.add(message);
        this.home.settings.logger.warn(message);
      },
    });
  }
}

/** One thread. */
export class SshThread {
  private readonly thread: ThreadProxy<SshContract>;
  private readonly answers: AnswersToThread;
  private readonly commands = new Map<number, ThreadCommand>();
  /** Stop the clock of what is under way. */
  private readonly pauses = new Map<number, (isPaused: boolean) => void>();
  private lastId = 0;
  private inventory: string | undefined;

  constructor(private readonly share: ThreadShare) {
    const { file, settings, knownHostsFile, connections: maxConnections, warnOnce } = share;
    const { keepaliveMs, maxSessions, idleMs, circuit, logger, authority } = settings;
    const ofCommand = (id: number) => this.commands.get(id);
    this.answers = new AnswersToThread(settings, (...answer) => this.thread.tells.answer(...answer));
    this.thread = threadProxy<SshContract>({
      file,
      data: { knownHostsFile, maxConnections, keepaliveMs, maxSessions, idleMs, circuit },
      hears: {
        sent: (id, isSent) => ofCommand(id)?.sent(isSent),
        started: (id) => ofCommand(id)?.started(),
        output: (id, output, piece) => ofCommand(id)?.receive(output, piece),
        inputSent: (id, bytes) => ofCommand(id)?.inputSent(bytes),
        paused: (id, isPaused) => this.pauses.get(id)?.(isPaused),
        ask: (question, name, about) => this.answers.answer(question, name, about),
        withdraw: (question) => this.answers.withdraw(question),
        accepted: (request) => authority.accepted?.(request),
        log: (level, message) => logger[level](message),
        warnOnce,
      },
      lost: (cause) => {
        this.answers.withdrawAll();
        return new MusterError('INTERNAL', t('the thread of the SSH connection has ended'), {
          ...{ hint: hintFor('INTERNAL'), cause },
        });
      },
      gathers: true,
      isUnreferenced: true,
    });
  }

  get isLost(): boolean {
    return this.thread.failure !== undefined;
  }

  /** Commands under way. */
  get load(): number {
    return this.commands.size;
  }

  /** As HostTransport's. */
  async exec(
    host: string,
    target: SshTarget,
    command: string | undefined,
    options: ExecOptions,
  ): Promise<HostChannel> {
    const { deadline, overrideCircuit = false, operation, onSent } = options;
    const { calls, tells } = this.thread;
    this.tellInventory();
    const id = ++this.lastId;
    const request = {
      ...{ id, host, target, overrideCircuit, command },
      // It may be more than what can be sent.
      operation: operation && {
        traceId: operation.traceId,
        spanId: operation.spanId,
        isSampled: operation.isSampled,
      },
    };
    const running = new ThreadCommand(id, deadline, tells, onSent);
    this.commands.set(id, running);
    const ended = this.pausable(id, options, () => calls.run(request, deadline)).finally(() =>
      this.commands.delete(id),
    );
    return running.begun(ended, (error) => error === this.thread.failure);
  }

  /** As HostTransport's. */
  destinationThrough(host: string, target: SshTarget, options: OpenOptions): Promise<SecretDestination> {
    const { deadline, overrideCircuit = false } = options;
    this.tellInventory();
    const id = ++this.lastId;
    return this.pausable(id, options, () =>
      this.thread.calls.destination({ id, host, target, overrideCircuit }, deadline),
    );
  }

  /** Ends what runs, then the thread. */
  async dispose(reason: MusterError): Promise<void> {
    await this.thread.calls.end().catch(() => {});
    this.answers.withdrawAll();
    await this.thread.dispose(reason);
  }

  private tellInventory(): void {
    const file = this.share.inventoryFile();
    if (file === this.inventory) return;
    this.inventory = file;
    this.thread.tells.useInventory(file);
  }

  /** Stops the clock for as long as the thread has a person asked. */
  private async pausable<Result>(
    id: number,
    { deadline }: OpenOptions,
    work: () => Promise<Result>,
  ): Promise<Result> {
    let resume = () => {};
    this.pauses.set(id, (isPaused) => {
      resume();
      resume = isPaused ? deadline.pause() : () => {};
    });
    try {
      return await work();
    } finally {
      this.pauses.delete(id);
      resume();
    }
  }
}

/** What is connected to from here. */
function firstHop(target: SshTarget): SshTarget {
  return target.via ? firstHop(target.via) : target;
}
