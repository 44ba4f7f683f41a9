import { dirname } from 'node:path';
import { parseDuration } from '../../../platform/inventory/schema/duration';
import { profilerEntries, type ProfilerEntry } from '../core/capture/profilerEntry';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { MusterError } from '../../../platform/errors/errors';
import type { CapturePlan } from '../core/capture/captureBatch';
import { captureOrder, longestDurationMs, type OrderChoices } from '../core/capture/captureOrder';
import { profilerOf } from '../core/capture/profilers';
import { printable } from '../../../platform/text/printable';
import {
  type AdHocOptions,
  adHocOptions,
  adHocSettings,
  profilerOfType,
  withProcess,
} from './captureSettings';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';

/** What to capture, as written. */
export interface PlanOptions extends AdHocOptions {
  profiler?: string;
  kind?: string;
  duration?: string;
  rate?: string;
  pid?: string;
}

export interface HostsAndPlan {
  hosts: readonly Host[];
  plan: CapturePlan;
  /** Where relative paths in the settings start. */
  directory: string;
  /** What to call the service. */
  name: string;
}

/** @throws MusterError USAGE, INVENTORY */
export function capturePlan(
  inventory: Inventory,
  selectors: readonly string[],
  options: PlanOptions,
): HostsAndPlan {
  const choices = readChoices(options);
  if (options.profiler === undefined) return adHocPlan(inventory, selectors, options, choices);
  const entry = entryOf(inventory, options.profiler);
  const { process, ...rest } = options;
  const [further] = options.type === undefined ? adHocOptions(rest) : ['--type'];
  if (further !== undefined) throw new UsageError(t('{0} is for a profiler without --profiler', further));
  const profiler = profilerOf(entry.type);
  const { type, settings, kind, durationMs, rate } = entry;
  return {
    hosts: hostsOf(inventory, entry, selectors),
    plan: {
      ...{ type, settings: withProcess(profiler, settings, process) },
      order: captureOrder(profiler, {
        ...{ kind: choices.kind ?? kind, durationMs: choices.durationMs ?? durationMs },
        ...{ rate: choices.rate ?? rate, pid: choices.pid },
      }),
    },
    ...{ directory: entry.directory, name: entry.name },
  };
}

function adHocPlan(
  inventory: Inventory,
  selectors: readonly string[],
  options: PlanOptions,
  choices: OrderChoices,
): HostsAndPlan {
  if (options.type === undefined)
    throw new UsageError(t('name a profiler of muster.yaml with --profiler, or describe one with --type'));
  if (selectors.length === 0) throw new UsageError(t('which hosts? Name them, or a profiler of muster.yaml'));
  const profiler = profilerOfType(options.type);
  return {
    hosts: selectHosts(inventory, selectors),
    plan: {
      ...{ type: profiler.type, settings: adHocSettings(profiler, options) },
      order: captureOrder(profiler, choices),
    },
    ...{ directory: dirname(inventory.file), name: profiler.type },
  };
}

function entryOf(inventory: Inventory, name: string): ProfilerEntry {
  const profilers = inventory.section(profilerEntries);
  const entry = profilers.get(name);
  if (entry) return entry;
  if (profilers.size === 0)
    throw new UsageError(t('the inventory has no profilers: describe one with --type'));
  const names = [...profilers.keys()].join(', ');
  throw new UsageError(t('--profiler: there is no {0}, but {1}', printable(name), names));
}

/** The hosts of a profiler, those that are selected if any are. @throws MusterError USAGE */
function hostsOf(inventory: Inventory, { name, hosts }: ProfilerEntry, selectors: readonly string[]): Host[] {
  const own = new Set(hosts);
  const selected = selectors.length === 0 ? [...inventory.hosts.values()] : selectHosts(inventory, selectors);
  const found = selected.filter((host) => own.has(host.name));
  if (found.length > 0) return found;
  throw new MusterError('USAGE', t('the profiler {0} is for none of these hosts', name), {
    hint: t('See “on” of it in muster.yaml.'),
  });
}

function readChoices({ kind, duration, rate, pid }: PlanOptions): OrderChoices {
  return {
    kind,
    durationMs: duration === undefined ? undefined : readDuration(duration),
    rate: readWhole(rate, '--rate'),
    pid: readWhole(pid, '--pid'),
  };
}

function readDuration(text: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0 && ms <= longestDurationMs) return ms;
  } catch (error) {
    throw new UsageError(`--duration: ${(error as Error).message}`);
  }
  throw new UsageError(t('--duration: "{0}" is not more than 0 and at most 1h', text));
}

function readWhole(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw new UsageError(t('{0}: "{1}" is not a number from {2}', option, printable(text), 1));
}
