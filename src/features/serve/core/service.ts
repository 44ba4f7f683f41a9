import { Throttle } from '../../../platform/batch/throttle';
import { toMusterError } from '../../../platform/errors/errors';
import {
  acceptedFormat,
  exposition,
  expositionTypes,
  type Family,
  labelText,
  secondsOf,
} from '../../../platform/exposition/exposition';
import type { Logger } from '../../../platform/host/host';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { t } from '../../../platform/l10n/l10n';
import type { CheckTarget } from '../../checks/core/check';
import type { CheckResult } from '../../checks/core/checkBatch';
import { type Alert, alertOf } from './alerts/alert';
import { AlertmanagerPush } from './alerts/alertmanagerPush';
import { ReceivedAlerts } from './alerts/receivedAlerts';
import type { Recipient } from './alerts/recipient';
import { type ChangeEvent, WebhookPush } from './alerts/webhookPush';
import type { CheckState, StateChange } from './checkStates';
import type { Endpoint } from './http/serveHttp';
import { type MakeCheck, Monitor } from './monitor';
import { answerProbe } from './probeAnswer';
import { type RulePorts, RuleService } from './rules/ruleService';
import { lazily, serveFamilies, type ServiceFacts, varsOf } from './serveFamilies';
import { Slots } from './slots';
import type { Remembered, StateFile } from './stateFile';

export interface ServiceOptions {
  readonly check: MakeCheck;
  readonly intervalMs: number;
  readonly concurrency: number;
  /** Probes of `/probe` under way at most. */
  readonly probes: number;
  readonly facts: ServiceFacts;
  readonly alertmanagers: readonly Recipient[];
  readonly webhook: Recipient | undefined;
  readonly externalUrl: string | undefined;
  readonly stateFile: StateFile;
  readonly logger: Logger;
  /** Reads the inventory again. @throws MusterError when it is not fit */
  readonly load: () => Promise<{ inventory: Inventory; targets: readonly CheckTarget[] }>;
  readonly changed: (change: StateChange) => void;
  /** What rules of `onChange` run with. */
  readonly rules: Pick<RulePorts, 'clusters' | 'run' | 'consents'>;
}

/** Milliseconds between two writings of the state. */
const rememberMs = 30_000;
/** Milliseconds for what is left to be sent at the end. */
const flushMs = 5_000;

/** Checks that are made at intervals, with everything that follows from their results. */
export class Service {
  readonly monitor: Monitor;
  readonly received = new ReceivedAlerts();
  private inventory: Inventory | undefined;
  private pushes: readonly AlertmanagerPush[] = [];
  private readonly webhook: WebhookPush | undefined;
  private readonly probeSlots: Slots;
  /** Alerts by the keys of their checks. */
  private readonly firing = new Map<string, Alert>();
  private readonly requests = new Map<string, number>();
  private readonly reloads = { succeeded: 0, failed: 0, isLastSuccessful: true, at: Date.now() };
  private reloading: Promise<unknown> = Promise.resolve();
  private readonly remembering = new Throttle(() => void this.remember(), rememberMs);
  private writing: Promise<unknown> = Promise.resolve();
  private isStopping = false;
  private rules: RuleService | undefined;
  private dealtWith: Remembered['rules'] = {};

  constructor(private readonly options: ServiceOptions) {
    const { logger, webhook } = options;
    this.probeSlots = new Slots(options.probes);
    this.monitor = new Monitor({
      check: async (target, how) => {
        const result = await options.check(target, how);
        this.remembering.request();
        return result;
      },
      ...{ defaultIntervalMs: options.intervalMs, concurrency: options.concurrency },
      changed: (change) => this.changed(change),
    });
    this.webhook = webhook && new WebhookPush(webhook, logger);
  }

  get current(): Inventory {
    return this.inventory!;
  }

  /** Begins with what is known from before. */
  start(inventory: Inventory, targets: readonly CheckTarget[], { checks, rules }: Remembered): void {
    const { logger, externalUrl, alertmanagers } = this.options;
    this.pushes = alertmanagers.map(
      (one) => new AlertmanagerPush(one, { firing: () => this.firing.values(), logger, externalUrl }),
    );
    this.dealtWith = rules;
    this.rules = new RuleService({
      ...this.options.rules,
      ...{ dealtWith: rules, logger },
      check: (hosts, which) => this.checkNow(hosts, which),
      remember: () => this.write(),
    });
    this.take(inventory, targets, checks);
  }

  /** Reads the inventory again; one that is not fit leaves everything as it is. Whether it was taken. */
  async reload(): Promise<boolean> {
    const { logger, load } = this.options;
    const work = async () => {
      try {
        const { inventory, targets } = await load();
        // What has stopped does not begin again.
        if (this.isStopping) return false;
        this.take(inventory, targets);
        logger.info(t('the inventory was read again: {0} checks', targets.length));
        return true;
      } catch (error) {
        logger.warn(
          t('the inventory is refused, and the previous one stays in use: {0}', toMusterError(error).message),
        );
        return false;
      }
    };
    const worked = this.reloading.then(work);
    this.reloading = worked;
    const isTaken = await worked;
    this.reloads[isTaken ? 'succeeded' : 'failed']++;
    this.reloads.isLastSuccessful = isTaken;
    if (isTaken) this.reloads.at = Date.now();
    return isTaken;
  }

  /** Ends checks that are under way within so many milliseconds, sends what is to be sent, and remembers. */
  async stop(limitMs: number): Promise<void> {
    this.isStopping = true;
    const limit = AbortSignal.timeout(limitMs);
    await Promise.all([this.monitor.stop(limit), this.rules?.stop(limit)]);
    await Promise.all(
      [...this.pushes, ...(this.webhook ? [this.webhook] : [])].map((push) => push.stop(flushMs)),
    );
    this.remembering.flush();
    await this.remember();
  }

  answered(endpoint: string, status: number): void {
    const key = labelText({ endpoint, code: String(status) });
    this.requests.set(key, (this.requests.get(key) ?? 0) + 1);
  }

  /** What it answers, by name. */
  get endpoints(): Endpoint[] {
    return [
      {
        ...{ name: 'metrics', path: '/metrics' },
        methods: {
          GET: ({ headers }) => {
            const format = acceptedFormat(headers.accept);
            return { status: 200, type: expositionTypes[format], body: exposition(this.families(), format) };
          },
        },
      },
      {
        ...{ name: 'vars', path: '/debug/vars' },
        methods: {
          GET: () => ({
            ...{ status: 200, type: 'application/json; charset=utf-8' },
            body: `${JSON.stringify(varsOf(this.families(), this.options.facts))}\n`,
          }),
        },
      },
      {
        ...{ name: 'healthz', path: '/healthz' },
        methods: {
          GET: () => (this.isStopping ? { status: 503, body: 'stopping\n' } : { status: 200, body: 'ok\n' }),
        },
      },
      {
        ...{ name: 'probe', path: '/probe' },
        methods: {
          GET: (request) =>
            answerProbe(request, {
              inventory: () => this.current,
              check: this.options.check,
              slots: this.probeSlots,
            }),
        },
      },
      {
        ...{ name: 'alerts', path: '/alerts' },
        methods: {
          GET: () => ({
            ...{ status: 200, type: 'application/json; charset=utf-8' },
            body: `${JSON.stringify({ firing: [...this.firing.values()].map(written), received: this.received.all }, null, 2)}\n`,
          }),
          POST: (request) => this.received.take(request),
        },
      },
      {
        ...{ name: 'reload', path: '/-/reload' },
        methods: {
          POST: async () =>
            (await this.reload())
              ? { status: 200, body: 'ok\n' }
              : { status: 500, body: 'the inventory is not fit: the log says why\n' },
        },
      },
    ];
  }

  private take(inventory: Inventory, targets: readonly CheckTarget[], kept?: Remembered['checks']): void {
    this.inventory = inventory;
    this.monitor.replace(targets, kept);
    this.followAlerts();
    this.rules?.follow(inventory);
  }

  /** Makes checks out of turn; what they find counts as if they had been due. */
  private async checkNow(
    hosts: readonly Host[],
    which: 'all' | 'none' | readonly string[],
  ): Promise<CheckResult[]> {
    const names = new Set(hosts.map(({ name }) => name));
    const states = [...this.monitor.states.all].filter(
      ({ target: { host, check } }) =>
        names.has(host.name) && which !== 'none' && (which === 'all' || which.includes(check.name)),
    );
    return Promise.all(states.map((state) => this.monitor.makeNow(state)));
  }

  private families(): Family[] {
    return serveFamilies(this.monitor, this.options.facts, this.ownFamilies());
  }

  private *ownFamilies(): Iterable<Family> {
    const { reloads, pushes, webhook, received } = this;
    const counter = (name: string, help: string, samples: Family['samples']): Family => ({
      name,
      help,
      samples,
      type: 'counter',
    });
    yield counter(
      'app_requests_total',
      'Requests that were answered.',
      lazily(() => [...this.requests].map(([labels, value]) => ({ labels, value }))),
    );
    yield counter('muster_inventory_reloads_total', 'How often the inventory was read again.', [
      { labels: labelText({ outcome: 'taken' }), value: reloads.succeeded },
      { labels: labelText({ outcome: 'refused' }), value: reloads.failed },
    ]);
    yield {
      ...{ name: 'muster_inventory_last_reload_successful', type: 'gauge' },
      help: 'Whether the inventory in use is the last one that was read.',
      samples: [{ value: Number(reloads.isLastSuccessful) }],
    };
    yield {
      ...{ name: 'muster_inventory_loaded_timestamp_seconds', type: 'gauge' },
      help: 'When the inventory in use was read, since the epoch.',
      samples: [{ value: secondsOf(reloads.at) }],
    };
    yield {
      ...{ name: 'muster_hosts', type: 'gauge', help: 'Hosts of the inventory.' },
      samples: [{ value: this.current.hosts.size }],
    };
    yield {
      ...{ name: 'muster_alerts_firing', type: 'gauge', help: 'Alerts that are firing.' },
      samples: [{ value: this.firing.size }],
    };
    const targets = [
      ...pushes.map((push, index) => ({ labels: labelText({ to: `alertmanager-${index + 1}` }), push })),
      ...(webhook ? [{ labels: labelText({ to: 'webhook' }), push: webhook }] : []),
    ];
    const of = (what: 'sent' | 'failed' | 'dropped') =>
      targets.map(({ labels, push }) => ({ labels, value: push[what] }));
    if (targets.length > 0) {
      yield counter('muster_alerts_sent_total', 'Alerts and changes that were taken.', of('sent'));
      yield counter('muster_alerts_failed_total', 'Attempts to send that failed.', of('failed'));
      yield counter('muster_alerts_dropped_total', 'Alerts and changes that were given up.', of('dropped'));
    }
    yield* this.rules?.families() ?? [];
    yield counter('muster_alerts_received_total', 'Alerts that Alertmanagers have sent here.', [
      { value: received.received },
    ]);
  }

  private changed(change: StateChange): void {
    const { state, before } = change;
    this.options.changed(change);
    this.followAlert(state);
    if (before === undefined && state.judged === 'healthy') return;
    this.webhook?.send(eventOf(change));
  }

  /** What an alert says is what its check is. */
  private followAlert(state: CheckState): void {
    const before = this.firing.get(state.key);
    const alert = alertOf(state);
    if (alert) this.firing.set(state.key, alert);
    else this.firing.delete(state.key);
    const hasEnded = before && before.labels.alertname !== alert?.labels.alertname;
    if (before ?? alert) for (const push of this.pushes) push.changed(hasEnded ? before : undefined);
  }

  /** After a reload: alerts of checks that are gone end. */
  private followAlerts(): void {
    const known = new Set<string>();
    for (const state of this.monitor.states.all) {
      known.add(state.key);
      this.followAlert(state);
    }
    for (const [key, alert] of this.firing) {
      if (known.has(key)) continue;
      this.firing.delete(key);
      for (const push of this.pushes) push.changed(alert);
    }
  }

  private async remember(): Promise<void> {
    await this.write().catch((error: unknown) =>
      this.options.logger.warn(t('states cannot be saved: {0}', toMusterError(error).message)),
    );
  }

  /** One writing at a time. @throws Error of the file system */
  private write(): Promise<void> {
    const write = () => this.options.stateFile.write(this.monitor.states.all, this.dealtWith);
    const written = this.writing.then(write, write);
    this.writing = written;
    return written;
  }
}

function written({ startsAt, ...alert }: Alert): object {
  return { ...alert, startsAt: new Date(startsAt).toISOString() };
}

function eventOf({ state: { target, judged, result, since }, before }: StateChange): ChangeEvent {
  return {
    status: judged === 'healthy' ? 'resolved' : 'firing',
    ...{ host: target.host.name, check: target.check.name, verdict: judged!, before },
    message: result?.message ?? '',
    time: new Date(since!).toISOString(),
  };
}
