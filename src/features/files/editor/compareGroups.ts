import { posix } from 'node:path';
import { commands, l10n, type QuickPickItem, QuickPickItemKind, ThemeIcon, type Uri } from 'vscode';
import { errorChain } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { quickPickStep } from '../../../shell/editor/commands/quickPickStep';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { sizeText } from '../../../shell/editor/text/sizeText';
import type { FileGroup } from './foldFiles';

interface GroupItem extends QuickPickItem {
  group?: FileGroup;
}

/** The groups as a list that stays open, so that one difference after the other can be looked at. */
export async function compareGroups(
  path: string,
  groups: readonly FileGroup[],
  uriOf: (host: string) => Uri,
): Promise<void> {
  const read = groups.filter(({ result }) => !result.error);
  const failed = groups.filter(({ result }) => result.error);
  const asReference = {
    iconPath: new ThemeIcon('pinned'),
    tooltip: l10n.t('Compare the Others With This'),
  };
  let reference = read[0];
  await quickPickStep<GroupItem, undefined>(titleOf(path, groups, read), undefined, ({ picker }) => {
    const update = () => {
      picker.items = [
        ...read.map((group) => groupItem(group, reference, read.length > 1 ? [asReference] : [])),
        ...(failed.length > 0
          ? [{ label: l10n.t('Not read'), kind: QuickPickItemKind.Separator }, ...failed.map(failedItem)]
          : []),
      ];
    };
    picker.ignoreFocusOut = true;
    picker.matchOnDescription = true;
    picker.matchOnDetail = true;
    picker.placeholder =
      read.length > 1
        ? l10n.t('Choose a group to see how it differs from the pinned one')
        : l10n.t('Choose a group to open the file');
    picker.onDidTriggerItemButton(({ item }) => {
      reference = item.group ?? reference;
      update();
    });
    picker.onDidAccept(() => {
      const group = picker.activeItems[0]?.group;
      if (group && reference) void open(path, reference, group, uriOf);
    });
    update();
  });
}

async function open(
  path: string,
  reference: FileGroup,
  group: FileGroup,
  uriOf: (host: string) => Uri,
): Promise<void> {
  const uris = [reference, group].map(({ hosts }) => uriOf(hosts[0]!));
  const options = { preview: true, preserveFocus: true };
  if (group === reference) {
    await commands.executeCommand('vscode.open', uris[0], options);
    return;
  }
  const title = `${posix.basename(path)}: ${shortSet(reference)} ↔ ${shortSet(group)}`;
  await commands.executeCommand('vscode.diff', ...uris, title, options);
}

function titleOf(path: string, groups: readonly FileGroup[], read: readonly FileGroup[]): string {
  const total = groups.reduce((sum, { hosts }) => sum + hosts.length, 0);
  const name = printable(path, 100);
  if (read.length === 0) return l10n.t('{0} could not be read on {1}', name, hostCount(total));
  if (read.length > 1) return l10n.t('{0} on {1}: {2} versions', name, hostCount(total), read.length);
  return l10n.t('{0} on {1}: the same wherever it was read', name, hostCount(total));
}

function groupItem(
  group: FileGroup,
  reference: FileGroup | undefined,
  buttons: GroupItem['buttons'],
): GroupItem {
  const { hosts, hostSet, result } = group;
  const isReference = group === reference;
  return {
    label: `$(${isReference ? 'pinned' : 'diff'}) ${printable(hostSet, 120)}`,
    description: [hostCount(hosts.length), sizeText(result.info!.size), result.digest!.slice(0, 8)].join(
      ' · ',
    ),
    detail: isReference ? l10n.t('The others are compared with this') : undefined,
    buttons: isReference ? [] : buttons,
    group,
  };
}

function failedItem({ hosts, hostSet, result }: FileGroup): GroupItem {
  const isMissing = result.failure === 'notFound';
  return {
    label: `$(${isMissing ? 'circle-slash' : 'error'}) ${printable(hostSet, 120)}`,
    description: hostCount(hosts.length),
    detail: isMissing
      ? l10n.t('There is no such file')
      : errorChain(result.error!)
          .map((line) => printable(line, 200))
          .join(' — '),
  };
}

function shortSet({ hostSet }: FileGroup): string {
  return printable(hostSet, 40);
}
