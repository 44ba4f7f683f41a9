import { posix } from 'node:path';
import { commands, l10n, type QuickPickItem, QuickPickItemKind, ThemeIcon, Uri, window } from 'vscode';
import { errorChain } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import { readOnHosts } from '../../../platform/transport/files/compareFiles';
import { assertTrusted } from '../../../shell/editor/batches';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector, choiceOf, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { type HostChoice, pickFleet, pickHostsStep } from '../../../shell/editor/commands/pickHosts';
import { back, quickPickStep } from '../../../shell/editor/commands/quickPickStep';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { fileUri } from '../../../shell/editor/fleets/fleets';
import { showHostKeyMismatches } from '../../../shell/editor/prompts/hostKeyMismatch';
import type { Ports } from '../../../shell/editor/services';
import { concurrencySetting, timeoutSetting } from '../../../shell/editor/settings';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { readFileArguments } from './fileArguments';
import { type FileGroup, foldFiles } from './foldFiles';
import type { HostFiles } from './hostFiles';
import { hostFileScheme } from './hostFileUri';
import type { RecentPaths } from './recentPaths';
import { sizeText } from '../../../shell/editor/text/sizeText';

/** Bytes of a file that is compared at most: as many as hosts are read at a time are held in memory. */
const maxComparedBytes = 10 * 1024 * 1024;
const maxConcurrency = 20;
const defaultTimeoutMs = 60_000;

interface GroupItem extends QuickPickItem {
  group?: FileGroup;
}

/** "Compare File on Hosts…": the same file on many hosts, folded by content. */
export class CompareOnHosts {
  constructor(
    private readonly services: Ports<'fleets' | 'batches' | 'logger'>,
    private readonly files: HostFiles,
    private readonly recent: RecentPaths,
  ) {}

  /** On rows of the Hosts view, on an open file of a host, with arguments, or with everything asked for. */
  async compare(what: unknown, selected: unknown): Promise<void> {
    assertTrusted();
    const asked = await this.questionOf(what, selected);
    if (!asked) return;
    const { choice, path } = asked;
    await this.recent.remember({ inventory: choice.fleet.id, host: choice.hosts[0]!.name, path });
    const groups = await this.read(choice, path);
    if (groups.length > 0) await this.show(choice.fleet, path, groups);
  }

  private async questionOf(
    what: unknown,
    selected: unknown,
  ): Promise<{ choice: HostChoice; path: string } | undefined> {
    const nodes = (Array.isArray(selected) ? (selected as unknown[]) : [what]).filter(isHostsNode);
    const uri = nodes.length > 0 ? undefined : what instanceof Uri ? what : this.openFile(what);
    if (uri?.scheme === hostFileScheme) return this.onOthers(uri);
    const hasArguments =
      nodes.length === 0 && typeof what === 'object' && what !== null && !(what instanceof Uri);
    const given = hasArguments ? readFileArguments(what) : {};
    const choice = nodes.length > 0 ? await this.choiceAmong(nodes) : await this.choose(given);
    if (!choice) return undefined;
    const path = given.path ?? (await this.askPath(choice));
    return path === undefined ? undefined : { choice, path };
  }

  /** The file in the active editor, when nothing else was said. */
  private openFile(what: unknown): Uri | undefined {
    return what === undefined || what === null ? window.activeTextEditor?.document.uri : undefined;
  }

  private async onOthers(uri: Uri): Promise<{ choice: HostChoice; path: string } | undefined> {
    const { fleet, host, path } = await this.files.placeOf(uri);
    const choice = await this.withOthers(fleet, host, l10n.t('Compare {0} on which hosts?', path));
    return choice && { choice, path };
  }

  /** The hosts of the rows; one alone has nothing to be compared with. */
  private async choiceAmong(nodes: readonly HostsNode[]): Promise<HostChoice | undefined> {
    const choice = choiceOf(nodes);
    const [only] = choice?.hosts ?? [];
    if (!choice || !only || choice.hosts.length > 1) return choice;
    return this.withOthers(choice.fleet, only, l10n.t('Compare a file on which hosts?'));
  }

  /** Those of its first group are likely to be meant. */
  private async withOthers(fleet: Fleet, { groups }: Host, title: string): Promise<HostChoice | undefined> {
    const [group] = groups;
    const choice = await pickHostsStep(fleet, title, { selector: group === undefined ? '' : `@${group}` });
    return choice === back ? undefined : choice;
  }

  private async choose({ selector, inventory }: { selector?: string; inventory?: string }) {
    const fleet =
      fleetNamed(this.services.fleets.shown, { inventory }) ?? (await pickFleet(this.services.fleets.shown));
    if (!fleet) return undefined;
    if (selector !== undefined) return choiceBySelector(fleet, selector);
    const choice = await pickHostsStep(fleet, l10n.t('Compare a file on which hosts?'));
    return choice === back ? undefined : choice;
  }

  /** A path that was used before, or another one. */
  private async askPath({ fleet, hosts }: HostChoice): Promise<string | undefined> {
    const recent = this.recent.pathsFor(fleet.id, hosts[0]!.name);
    const title = l10n.t('Compare which file on {0}?', hostCount(hosts.length));
    const path = await quickPickStep<QuickPickItem & { path?: string }, string>(
      title,
      undefined,
      ({ picker, answer }) => {
        picker.placeholder = l10n.t('Absolute path, such as /etc/hosts');
        const isPath = (typed: string) => typed.startsWith('/') && !typed.endsWith('/');
        const update = () => {
          const typed = picker.value.trim();
          const own = isPath(typed)
            ? [{ label: `$(check) ${typed}`, path: typed, alwaysShow: true }]
            : typed === ''
              ? []
              : [{ label: `$(info) ${l10n.t('The path of a file begins with a slash')}`, alwaysShow: true }];
          picker.items = [
            ...own,
            ...recent
              .filter((known) => known !== typed)
              .map((known) => ({ label: `$(history) ${known}`, path: known })),
          ];
        };
        picker.onDidChangeValue(update);
        picker.onDidAccept(() => {
          // The items may lag behind what is typed.
          const typed = picker.value.trim();
          const chosen = picker.activeItems[0]?.path ?? (isPath(typed) ? typed : undefined);
          if (chosen !== undefined) answer(chosen);
        });
        update();
      },
    );
    return path === back ? undefined : path;
  }

  private async read({ fleet, hosts }: HostChoice, path: string): Promise<FileGroup[]> {
    const scope = fileUri(fleet);
    const concurrency = Math.min(maxConcurrency, concurrencySetting.get(scope) ?? maxConcurrency);
    const startedAt = performance.now();
    const results = await this.services.batches.run(
      { title: l10n.t('Muster: reading {0}', path), total: hosts.length },
      ({ signal, ended }) =>
        fleet.use((core) =>
          readOnHosts(core.transport, hosts, path, {
            concurrency,
            timeoutMs: timeoutSetting.get(scope) ?? defaultTimeoutMs,
            limit: maxComparedBytes,
            signal,
            onResult: ({ error, failure }) => ended(error !== undefined && failure !== 'notFound'),
          }),
        ),
    );
    showHostKeyMismatches(results);
    const groups = foldFiles(results);
    const ms = Math.round(performance.now() - startedAt);
    this.services.logger.info(`read ${path} on ${hosts.length} hosts in ${ms} ms: ${groups.length} groups`);
    return groups;
  }

  /** The groups as a list that stays open, so that one difference after the other can be looked at. */
  private async show(fleet: Fleet, path: string, groups: readonly FileGroup[]): Promise<void> {
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
        if (group && reference) void this.open(fleet, path, reference, group);
      });
      update();
    });
  }

  private async open(fleet: Fleet, path: string, reference: FileGroup, group: FileGroup): Promise<void> {
    const uriOf = ({ hosts }: FileGroup) => this.files.uriOf({ fleet, host: hosts[0]!, path });
    const options = { preview: true, preserveFocus: true };
    if (group === reference) {
      await commands.executeCommand('vscode.open', uriOf(group), options);
      return;
    }
    const title = `${posix.basename(path)}: ${shortSet(reference)} ↔ ${shortSet(group)}`;
    await commands.executeCommand('vscode.diff', uriOf(reference), uriOf(group), title, options);
  }
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
