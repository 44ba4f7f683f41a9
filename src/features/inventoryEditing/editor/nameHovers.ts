import { basename } from 'node:path';
import { l10n, type MarkdownString, MarkdownString as Markdown } from 'vscode';
import { toMusterError } from '../../../platform/errors/errors';
import { type Check, checks } from '../../checks/core/check';
import type { Host, Inventory } from '../../../platform/inventory/model';
import type { FoundName } from '../../../platform/inventory/selection/nameSearch';
import { printable } from '../../../platform/text/printable';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { HostRoutes } from '../../../platform/transport/ssh/pool/hostRoute';
import type { SshTarget } from '../../../platform/transport/ssh/pool/sshTarget';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Ports } from '../../../shell/editor/services';
import { escapeMarkdown } from '../../../shell/editor/hosts/escapeMarkdown';
import { hostTooltip } from '../../../shell/editor/hosts/hostTooltip';
import { hostCount, tallyText } from '../../../shell/editor/hosts/wording';
import { checkTally } from './checkTally';
import type { JoinedDocuments } from './inventoryDocuments';

/** Names of a set that are listed. */
const maxNames = 1000;

/** What is known of the hosts, groups and checks that a document names. */
export class NameHovers {
  private routes: HostRoutes | undefined;

  constructor(private readonly services: Ports<'logger' | 'statusBar'>) {}

  /** In blocks one below the other; none for what the inventory does not know. */
  async of({ fleet, search }: JoinedDocuments, { occurrence }: FoundName): Promise<MarkdownString[]> {
    const inventory = fleet?.inventory;
    if (!fleet || !inventory) return [];
    const { kind, text } = search.thingOf(occurrence);
    switch (kind) {
      case 'host': {
        const host = inventory.hosts.get(text);
        if (host) return this.host(fleet, inventory, host);
        const pattern = search.pattern(text);
        if (!pattern) return [];
        const names = [...inventory.hosts.keys()].filter((name) => pattern.matches(name));
        return names.length > 0 ? [await setText(fleet, text, names)] : [];
      }
      case 'group': {
        const pattern = search.pattern(text);
        const groups = [...inventory.groups.values()].filter(({ name }) => pattern?.matches(name));
        if (groups.length === 0) return [];
        const names = [...new Set(groups.flatMap(({ hosts }) => hosts))];
        const readOnly = names.some((name) => inventory.hosts.get(name)?.readOnly?.group === text);
        const notes = readOnly ? [l10n.t('Read-only: commands are refused.')] : [];
        return [await setText(fleet, `@${text}`, names, notes)];
      }
      case 'check': {
        const check = inventory.section(checks).get(text);
        return check ? [await this.check(fleet, check)] : [];
      }
      case 'label':
        return labelText(inventory, text);
      default:
        return [];
    }
  }

  private async host(fleet: Fleet, inventory: Inventory, host: Host): Promise<MarkdownString[]> {
    const tooltip = hostTooltip({ kind: 'host', id: '', fleet, parent: undefined, host });
    const route = new Markdown();
    append(route, [
      ...(await this.routeLines(host, inventory)),
      ...(host.source.file === fleet.file
        ? []
        : [l10n.t('From {0}, line {1}', basename(host.source.file), host.source.line)]),
      this.services.statusBar.note,
    ]);
    return [tooltip, route];
  }

  private async routeLines(host: Host, inventory: Inventory): Promise<string[]> {
    if (host.transport === 'local') return [];
    try {
      const { HostRoutes, jumpsOf } = await import('../../../platform/transport/ssh/pool/hostRoute');
      this.routes ??= new HostRoutes(this.services.logger);
      const target = await this.routes.of(host, inventory);
      const way = jumpsOf(target).map(placeText);
      return [
        l10n.t('SSH: {0}', addressText(target)),
        ...(way.length > 0 ? [l10n.t('Through: {0}', way.join(' → '))] : []),
        ...(target.proxyCommand === undefined
          ? []
          : [l10n.t('Through: {0}', withoutCredentials(target.proxyCommand))]),
      ];
    } catch (error) {
      return [l10n.t('SSH: {0}', toMusterError(error).message)];
    }
  }

  private async check(fleet: Fleet, check: Check): Promise<MarkdownString> {
    const state = tallyText(checkTally(fleet, check));
    const hover = await setText(
      fleet,
      check.name,
      check.hosts,
      [l10n.t('{0} check, at most {1} ms', check.type, check.timeoutMs), this.services.statusBar.note],
      state,
    );
    return hover;
  }
}

function addressText({ user, address, port }: SshTarget): string {
  return `${user}@${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function placeText(target: SshTarget): string {
  const place = addressText(target);
  return target.name === target.address ? place : `${target.name} (${place})`;
}

async function setText(
  fleet: Fleet,
  title: string,
  names: readonly string[],
  notes: readonly string[] = [],
  state = tallyText(fleet.verdicts.tally(names)),
): Promise<MarkdownString> {
  const { compactHostSet } = await import('../../../platform/inventory/selection/hostSet');
  const hover = new Markdown(`**${escapeMarkdown(printable(title, 200))}**  \n`);
  const listed = names.slice(0, maxNames);
  const more = names.length > listed.length ? ' …' : '';
  append(hover, [
    ...new Set([hostCount(names.length), state]),
    ...(names.length > 0 ? [compactHostSet(listed) + more] : []),
    ...notes,
  ]);
  return hover;
}

function labelText({ hosts }: Inventory, label: string): MarkdownString[] {
  const values = new Map<string, number>();
  for (const { labels } of hosts.values()) {
    if (!Object.hasOwn(labels, label)) continue;
    const value = labels[label]!;
    values.set(value, (values.get(value) ?? 0) + 1);
  }
  if (values.size === 0) return [];
  const most = [...values].sort((a, b) => b[1] - a[1]).slice(0, 20);
  const hover = new Markdown(`**${escapeMarkdown(printable(label, 200))}**  \n`);
  append(hover, [
    ...most.map(([value, count]) => `${label}=${value}: ${hostCount(count)}`),
    ...(values.size > most.length ? ['…'] : []),
  ]);
  return [hover];
}

function append(hover: MarkdownString, texts: readonly string[]): void {
  for (const text of texts)
    if (text !== '') hover.appendMarkdown(`${escapeMarkdown(printable(text, 500))}  \n`);
}
