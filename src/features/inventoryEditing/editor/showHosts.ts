import { l10n, type QuickInputButton, type QuickPickItem, ThemeIcon, Uri, window } from 'vscode';
import type { Host } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import type { Verdict } from '../../../shell/editor/fleets/checkVerdicts';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Ports } from '../../../shell/editor/services';
import { hostCount, latency, statusWord } from '../../../shell/editor/hosts/wording';
import { editorRange } from '../../../shell/editor/fleets/sourceRange';

interface HostItem extends QuickPickItem {
  fleet: Fleet;
  host: Host;
}

const icons: Record<Verdict, string> = {
  healthy: 'pass',
  degraded: 'warning',
  unhealthy: 'error',
  skipped: 'circle-slash',
  unknown: 'circle-outline',
};

/** Lists hosts, the sick ones first; the one that is picked is shown in the Hosts view. */
export async function showHosts(
  { fleets, hosts }: Ports<'fleets' | 'hosts'>,
  argument?: unknown,
): Promise<void> {
  const { inventory, names, title } = readArgument(argument);
  const shown = fleets.shown.filter(({ file }) => inventory === undefined || file === inventory);
  const items = shown.flatMap((fleet) => itemsOf(fleet, names));
  // A filter may hide its row.
  const show = async ({ fleet, host }: HostItem) => {
    if (!(await hosts.revealHost(fleet, host.name))) await goTo(host);
  };
  const [only, ...others] = items;
  // What a lens stands over needs no choice.
  if (only && others.length === 0 && names) {
    await show(only);
    return;
  }
  const definition: QuickInputButton = {
    iconPath: new ThemeIcon('go-to-file'),
    tooltip: l10n.t('Go to Definition'),
  };
  const picker = window.createQuickPick<HostItem>();
  picker.title = title === undefined ? hostCount(items.length) : `${title}: ${hostCount(items.length)}`;
  picker.placeholder = l10n.t('Show a host in the Hosts view');
  picker.matchOnDescription = true;
  picker.items = items.map((item) => ({ ...item, buttons: [definition] }));
  try {
    await new Promise<void>((resolve) => {
      picker.onDidAccept(() => {
        const [item] = picker.selectedItems;
        if (item) void show(item);
        resolve();
      });
      picker.onDidTriggerItemButton(({ item }) => {
        void goTo(item.host);
        resolve();
      });
      picker.onDidHide(() => resolve());
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}

/** From a lens or a key binding; anything else means every host. */
function readArgument(value: unknown): { inventory?: string; names?: ReadonlySet<string>; title?: string } {
  if (typeof value !== 'object' || value === null) return {};
  const { inventory, hosts, title } = value as Record<string, unknown>;
  return {
    ...(typeof inventory === 'string' && { inventory }),
    ...(Array.isArray(hosts) && { names: new Set(hosts.filter((host) => typeof host === 'string')) }),
    ...(typeof title === 'string' && { title: printable(title) }),
  };
}

const order: readonly Verdict[] = ['unhealthy', 'degraded', 'unknown', 'skipped', 'healthy'];

function itemsOf(fleet: Fleet, names: ReadonlySet<string> | undefined): HostItem[] {
  const hosts = [...fleet.inventory!.hosts.values()].filter(({ name }) => names?.has(name) ?? true);
  return hosts
    .map((host) => ({ host, verdict: fleet.verdicts.host(host.name) }))
    .sort((a, b) => order.indexOf(a.verdict.status) - order.indexOf(b.verdict.status))
    .map(({ host, verdict: { status, latencyMs } }) => ({
      label: `$(${icons[status]}) ${host.name}`,
      description: [
        ...(host.address === host.name ? [] : [host.address]),
        statusWord(status),
        ...(latencyMs === undefined ? [] : [latency(latencyMs)]),
      ].join(' · '),
      fleet,
      host,
    }));
}

async function goTo({ source }: Host): Promise<void> {
  await window.showTextDocument(Uri.file(source.file), { selection: editorRange(source) });
}
