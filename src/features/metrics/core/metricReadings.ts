import { pause, type Deadline } from '../../../platform/batch/deadline';
import { fanOut } from '../../../platform/batch/fanOut';
import { MusterError } from '../../../platform/errors/errors';
import type { BecomeSettings, Host, Inventory } from '../../../platform/inventory/model';
import { t } from '../../../platform/l10n/l10n';
import type { Operation } from '../../../platform/operation/operation';
import { type Group, groupOf } from './deviation';
import { answerOf, type MetricQuestion, type NamedFigure } from './metricQuestion';
import { readSource, type SourceAccess } from './readSource';
import { metricEntries, type MetricEntry } from './section/metricEntry';

/** Until when it is waited for an answer, and for what. */
export interface AskOptions {
  readonly deadline: Deadline;
  readonly operation?: Operation | undefined;
  readonly become?: BecomeSettings | undefined;
}

/** What a source has said, beside what it says on the other hosts. */
export interface ComparedAnswer {
  readonly figures: readonly NamedFigure[];
  /** The values of the hosts that have each of the figures, by its name. */
  readonly groups: ReadonlyMap<string, Group>;
  /** How many hosts have answered. */
  readonly hosts: number;
}

/** What a check needs of the sources of metrics. */
export interface MetricAccess {
  /** @throws MusterError with its phase */
  ask(host: Host, question: MetricQuestion, options: AskOptions): Promise<readonly NamedFigure[]>;
  /**
   * The same together with all hosts of the source, which are asked once in a batch. Batches of single hosts, as a service
   * has them, share what the others said within half a minute. @throws MusterError with its phase
   */
  compare(host: Host, question: MetricQuestion, options: AskOptions): Promise<ComparedAnswer>;
}

type Answers = ReadonlyMap<string, readonly NamedFigure[] | MusterError>;

/** One question to all hosts of a source. */
interface Round {
  readonly answers: Promise<Answers>;
  /** Of the batch that began it. */
  readonly traceId: string | undefined;
  /** By `performance.now()`. */
  readonly startedAt: number;
  /** The hosts that have had theirs: who asks again wants to know it anew. */
  readonly taken: Set<string>;
}

const mostRounds = 64;
/** Milliseconds for which hosts of other batches are compared with what a round has found. */
const sharedMs = 30_000;
/** Hosts that are asked at a time. */
const concurrency = 50;

/** Reads the sources of the inventory for those who judge single numbers. */
export class MetricReadings implements MetricAccess {
  private readonly rounds = new Map<string, Round>();

  constructor(
    private readonly ports: {
      readonly access: SourceAccess;
      readonly inventory: () => Inventory | undefined;
    },
  ) {}

  async ask(host: Host, question: MetricQuestion, options: AskOptions): Promise<readonly NamedFigure[]> {
    const entry = this.entryOf(question.source);
    if (!entry.hosts.includes(host.name))
      throw new MusterError('INVENTORY', t('the source of metrics “{0}” is not for this host', entry.name), {
        ...{ host: host.name, phase: 'inventory' },
        hint: t('See “on” of it in muster.yaml.'),
      });
    const read = () => readSource({ host, entry }, this.ports.access, options);
    if (question.rateMs === undefined)
      return answerOf(question, host, { before: undefined, now: await read() });
    const before = await read();
    await pause(question.rateMs, options.deadline.signal);
    if (options.deadline.reason) throw options.deadline.reason;
    return answerOf(question, host, { before, now: await read() });
  }

  async compare(host: Host, question: MetricQuestion, options: AskOptions): Promise<ComparedAnswer> {
    const entry = this.entryOf(question.source);
    const traceId = options.operation?.traceId;
    const key = JSON.stringify([question, options.become]);
    let round = this.rounds.get(key);
    if (!round || !isShared(round, host, traceId)) {
      round = {
        answers: this.askAll(entry, question, options),
        ...{ traceId, startedAt: performance.now(), taken: new Set() },
      };
      this.rounds.delete(key);
      this.rounds.set(key, round);
      const [oldest] = this.rounds.keys();
      if (this.rounds.size > mostRounds) this.rounds.delete(oldest!);
    }
    round.taken.add(host.name);
    // What the host itself says is to be of now.
    const fresh = round.traceId === traceId ? undefined : await this.ask(host, question, options);
    const answers = new Map(await round.answers);
    const isOver = options.deadline.reason !== undefined || round.taken.size >= entry.hosts.length;
    if (isOver && this.rounds.get(key) === round) this.rounds.delete(key);
    if (options.deadline.reason) throw options.deadline.reason;
    // Where the batch has it that the host is not one of them, asking says so.
    const own = fresh ?? answers.get(host.name) ?? (await this.ask(host, question, options));
    if (own instanceof MusterError) throw own;
    answers.set(host.name, own);
    const all = [...answers.values()].flatMap((answer) => (answer instanceof MusterError ? [] : [answer]));
    const groups = new Map(own.map(({ name }) => [name, groupOf(valuesOf(name, all))]));
    return { figures: own, groups, hosts: all.length };
  }

  private async askAll(
    { hosts }: MetricEntry,
    question: MetricQuestion,
    { deadline, operation, become }: AskOptions,
  ): Promise<Answers> {
    const known = this.ports.inventory()?.hosts;
    const targets = hosts.flatMap((name) => known?.get(name) ?? []);
    const answers = new Map<string, readonly NamedFigure[] | MusterError>();
    await fanOut<Host, void>({
      ...{ targets, concurrency, deadlineMs: () => deadline.limitMs, signal: deadline.signal },
      work: async (host, own) => {
        answers.set(host.name, await this.ask(host, question, { deadline: own, operation, become }));
      },
      failed: (host, error) => void answers.set(host.name, asMusterError(error, host)),
      skipped: (host, reason) => void answers.set(host.name, reason),
      isFailure: () => false,
    });
    return answers;
  }

  private entryOf(name: string): MetricEntry {
    const entry = this.ports.inventory()?.section(metricEntries).get(name);
    if (entry) return entry;
    throw new MusterError('INVENTORY', t('no source of metrics is named “{0}”', name), {
      phase: 'inventory',
    });
  }
}

function isShared(
  { taken, startedAt, ...round }: Round,
  { name }: Host,
  traceId: string | undefined,
): boolean {
  if (traceId === undefined || taken.has(name)) return false;
  return round.traceId === traceId || performance.now() - startedAt < sharedMs;
}

function asMusterError(error: unknown, { name: host }: Host): MusterError {
  return error instanceof MusterError ? error : new MusterError('INTERNAL', '', { host, cause: error });
}

/** Where each host has one figure it is the same one, though its labels may name the host. */
function valuesOf(name: string, answers: readonly (readonly NamedFigure[])[]): number[] {
  const isOnly = answers.every(({ length }) => length === 1);
  return answers.flatMap((figures) => {
    const figure = figures.find((one) => isOnly || one.name === name)?.figure;
    return figure && 'value' in figure ? [figure.value] : [];
  });
}
