import { l10n } from 'vscode';
import { choiceBySelector, choiceOf, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { type HostChoice, pickFleet, pickHosts } from '../../../shell/editor/commands/pickHosts';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { planMetrics } from '../core/readMetrics';
import type { MetricsState } from '../protocol/metricsPanel';

/**
 * The hosts below rows, of `{ "selector": "role=web" }` or of those that are asked for.
 * @throws MusterError USAGE when no source of metrics is for them
 */
export async function pickMetrics(
  fleets: Fleets,
  what: unknown,
  selected: unknown,
): Promise<MetricsState | undefined> {
  const nodes = (Array.isArray(selected) ? (selected as unknown[]) : [what]).filter(isHostsNode);
  const choice = choiceOf(nodes) ?? (await choose(fleets, what));
  if (!choice) return undefined;
  const { fleet, hosts, selector } = choice;
  const names = hosts.map(({ name }) => name);
  planMetrics(fleet.inventory!, names);
  return { inventory: fleet.id, selector, hosts: names };
}

async function choose({ shown }: Fleets, what: unknown): Promise<HostChoice | undefined> {
  const { selector, inventory } = (what ?? {}) as { selector?: unknown; inventory?: unknown };
  const named = fleetNamed(shown, typeof inventory === 'string' ? { inventory } : {});
  const fleet = named ?? (await pickFleet(shown));
  if (!fleet?.inventory) return undefined;
  return typeof selector === 'string'
    ? choiceBySelector(fleet, selector)
    : pickHosts(fleet, l10n.t('Show the metrics of which hosts?'));
}
