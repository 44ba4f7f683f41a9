import { Disposable, EventEmitter, extensions, l10n } from 'vscode';
import type {
  MusterApi,
  MusterCheckEvent,
  MusterCheckOptions,
  MusterExports,
  MusterProbe,
  MusterRunEvent,
  MusterRunOptions,
  MusterRunReport,
} from '../../../../api/muster';
import { MusterError } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { assertTrusted } from '../../../shell/editor/batches';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Ports } from '../../../shell/editor/services';
import { abortOn } from '../../../shell/editor/abortOn';
import { apiHost, apiInventory } from './snapshots';

type ApiServices = Ports<'fleets' | 'checks' | 'runs' | 'extraProbes' | 'context'>;

/** What other extensions get: see api/muster.d.ts. Each is given an API of its own, so that its name is known. */
export function musterExports(services: ApiServices, ready: Promise<void>): MusterExports {
  const checked = new EventEmitter<MusterCheckEvent>();
  const ran = new EventEmitter<MusterRunEvent>();
  const { context, checks, runs } = services;
  context.subscriptions.push(
    checked,
    ran,
    checks.onDidRecord(({ fleet, result }) =>
      checked.fire({ inventory: fleet.file, result: structuredClone(result) }),
    ),
    runs.onDidStart(({ order, report }) => {
      report.then(
        ({ traceId, summary: { ok, failed, stopped, skipped, durationMs } }) =>
          ran.fire({
            ...{ traceId, inventory: order.fleet.file, hosts: order.hosts.map(({ name }) => name) },
            ...{ ok, failed, stopped, skipped, durationMs },
          }),
        // Whoever started it is told.
        () => {},
      );
    }),
  );
  return {
    apiVersion: 1,
    getApi(version, extensionId) {
      if (version !== 1) throw new Error(`Muster has no API version ${String(version)}, only 1`);
      const extension = extensions.getExtension(extensionId);
      if (!extension) throw new Error(`No extension “${String(extensionId)}” is installed`);
      const { displayName } = extension.packageJSON as { displayName?: string };
      const asker = printable(displayName ? `${displayName} (${extension.id})` : extension.id, 120);
      return api(services, ready, asker, checked, ran);
    },
  };
}

function api(
  { fleets, checks, runs, extraProbes }: ApiServices,
  ready: Promise<void>,
  asker: string,
  checked: EventEmitter<MusterCheckEvent>,
  ran: EventEmitter<MusterRunEvent>,
): MusterApi {
  const fleetFor = (inventory: string | undefined): Fleet => {
    const fleet = fleetNamed(fleets.shown, { inventory });
    if (fleet) return fleet;
    throw new MusterError('USAGE', l10n.t('There are several inventories: name one.'), {
      hint: l10n.t('Known are {0}.', fleets.shown.map(({ label }) => label).join(', ')),
    });
  };
  const choose = async (selector: string, inventory: string | undefined) => {
    await ready;
    const { choiceBySelector } = await import('../../../shell/editor/commands/hostChoice');
    return choiceBySelector(fleetFor(inventory), selector);
  };
  return {
    version: 1,
    ready,
    get inventories() {
      return fleets.shown.flatMap((fleet) => apiInventory(fleet) ?? []);
    },
    onDidChangeInventories: fleets.onDidChange,
    onDidCheck: checked.event,
    onDidRun: ran.event,

    async select(selector, { inventory } = {}) {
      return (await choose(selector, inventory)).hosts.map(apiHost);
    },

    async check({
      selector = '*',
      checks: names = [],
      inventory,
      token,
      ...options
    }: MusterCheckOptions = {}) {
      assertTrusted();
      const { fleet, hosts } = await choose(selector, inventory);
      const { planChecks } = await import('../../checks/core/checkBatch');
      const targets = planChecks(
        fleet.inventory!,
        hosts.map(({ name }) => name),
        names,
      );
      const { maxFailures, quiet, onResult } = options;
      const results = await abortOn(token, (signal) =>
        checks.check(new Map([[fleet, targets]]), {
          ...{ signal, quiet },
          ...(maxFailures !== undefined && { maxFailures: { count: maxFailures } }),
          ...(onResult && { onResult: (result) => onResult(structuredClone(result)) }),
        }),
      );
      return structuredClone(results);
    },

    async run({ selector, command, sudo, timeoutMs, inventory, token, onResult }: MusterRunOptions) {
      assertTrusted();
      const { fleet, hosts } = await choose(selector, inventory);
      const [{ refuseReadOnly }, { remoteCommand }, { confirmRun }] = await Promise.all([
        import('../../../platform/inventory/readOnly'),
        import('../../runs/core/remoteCommand'),
        import('../../runs/editor/command/confirmRun'),
      ]);
      refuseReadOnly(hosts);
      const request = { command: [String(command)], sudo: sudo === true };
      remoteCommand(request);
      const order = {
        ...{ fleet, hosts, selector, request, askedBy: asker },
        ...(timeoutMs !== undefined && { options: { timeoutMs } }),
        ...(onResult && {
          onResult: (result: MusterRunReport['results'][number]) => onResult(structuredClone(result)),
        }),
      };
      if (token?.isCancellationRequested || !(await confirmRun(order))) return undefined;
      const { traceId, summary, results } = await abortOn(token, (signal) => runs.run({ ...order, signal }));
      const { ok, failed, stopped, skipped, durationMs } = summary;
      return { traceId, ok, failed, stopped, skipped, durationMs, results: structuredClone(results) };
    },

    async registerProbe(type, probe: MusterProbe) {
      const { customProbe } = await import('./customProbe');
      const custom = customProbe(type, probe);
      if (extraProbes.get(type))
        throw new MusterError('USAGE', `“${type}” is a kind of check of another extension`);
      extraProbes.add(custom);
      await fleets.load();
      return new Disposable(() => {
        extraProbes.remove(custom);
        void fleets.load();
      });
    },
  };
}
