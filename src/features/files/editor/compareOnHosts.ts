import { l10n, type QuickPickItem, Uri, window } from 'vscode';
import type { Host } from '../../../platform/inventory/model';
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
import { compareGroups } from './compareGroups';
import { readFileArguments } from './fileArguments';
import { type FileGroup, foldFiles } from './foldFiles';
import type { HostFiles } from './hostFiles';
import { hostFileScheme } from './hostFileUri';
import type { RecentPaths } from './recentPaths';

/** Bytes of a file that is compared at most: as many as hosts are read at a time are held in memory. */
const maxComparedBytes = 10 * 1024 * 1024;
const maxConcurrency = 20;
const defaultTimeoutMs = 60_000;

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
    if (groups.length === 0) return;
    const uriOf = (host: string) => this.files.uriOf({ fleet: choice.fleet, host, path });
    await compareGroups(path, groups, uriOf);
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
}
