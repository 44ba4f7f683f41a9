import { l10n } from 'vscode';
import { MusterError } from '../../../../platform/errors/errors';
import { refuseCapture } from '../../core/capture/captureBatch';
import { captureOrder } from '../../core/capture/captureOrder';
import { profilerOf } from '../../core/capture/profilers';
import { assertTrusted } from '../../../../shell/editor/batches';
import { confirmRun } from '../../../runs/editor/command/confirmRun';
import { fleetNamed } from '../../../../shell/editor/commands/fleetNamed';
import { choiceBySelector, choiceOf, isHostsNode } from '../../../../shell/editor/commands/hostChoice';
import { askCapture, type CaptureDraft } from './captureWizard';
import { type CaptureJob, type CapturePorts, FleetCaptures } from './fleetCaptures';
import { readCaptureArguments } from './captureArguments';
import type { StoredCapture } from './storedCapture';
import { profilerEntries } from '../../core/capture/profilerEntry';

/** Choose hosts and a profiler, record, and look at it. */
export class CaptureCommands {
  private readonly captures: FleetCaptures;

  constructor(private readonly ports: CapturePorts) {
    this.captures = new FleetCaptures(ports);
  }

  /** On rows of the Hosts view, with the arguments of a key binding, or with everything asked for. */
  async capture(what?: unknown, selected?: unknown): Promise<StoredCapture | undefined> {
    assertTrusted();
    const nodes = (Array.isArray(selected) ? selected : [what]).filter(isHostsNode);
    const { fleets } = this.ports;
    if (what !== undefined && what !== null && nodes.length === 0) return this.captureWithArguments(what);
    const choice = choiceOf(nodes);
    return this.ask(choice ? { choice } : { fleet: fleetNamed(fleets.shown) });
  }

  private async captureWithArguments(value: unknown): Promise<StoredCapture | undefined> {
    const { selector, profiler: name, inventory, ...choices } = readCaptureArguments(value);
    const fleet = fleetNamed(this.ports.fleets.shown, inventory === undefined ? {} : { inventory });
    if (!fleet) return this.ask({});
    const choice = selector === undefined ? undefined : await choiceBySelector(fleet, selector);
    const entry = name === undefined ? undefined : fleet.inventory!.section(profilerEntries).get(name);
    if (name !== undefined && !entry)
      throw new MusterError('USAGE', l10n.t('There is no profiler “{0}”.', name), {
        hint: l10n.t(
          'Known are {0}.',
          [...fleet.inventory!.section(profilerEntries).keys()].join(', ') || '—',
        ),
      });
    if (!choice || !entry) return this.ask({ fleet, ...(choice && { choice }) });
    const own = new Set(entry.hosts);
    const hosts = choice.hosts.filter((host) => own.has(host.name));
    if (hosts.length === 0)
      throw new MusterError('USAGE', l10n.t('The profiler “{0}” is for none of these hosts.', entry.name));
    const { type, settings, directory, kind, durationMs, rate } = entry;
    const order = captureOrder(profilerOf(type), { kind, durationMs, rate, ...choices });
    return this.carryOut({
      ...choice,
      hosts,
      service: entry.name,
      directory,
      plan: { type, settings, order },
    });
  }

  private async ask(draft: CaptureDraft): Promise<StoredCapture | undefined> {
    const job = await askCapture(this.ports, draft);
    return job && this.carryOut(job);
  }

  private async carryOut(job: CaptureJob): Promise<StoredCapture | undefined> {
    const { fleet, hosts, selector, plan } = job;
    refuseCapture(hosts, plan);
    const profiler = profilerOf(plan.type);
    if (profiler.runsCommands(plan.settings)) {
      const label = l10n.t('{0}: {1}', profiler.title, plan.order.kind.name);
      const order = { fleet, hosts, selector, label, request: { command: [label] } };
      if (!(await confirmRun(order, Infinity))) return undefined;
    }
    return this.captures.carryOut(job);
  }
}
