import { l10n, window } from 'vscode';
import type { Host } from '../../../platform/inventory/model';
import type { Fleet } from '../fleets/fleet';
import { hostCount } from '../hosts/wording';
import { back, quickPickStep, type StepPlace } from './quickPickStep';
import { splitSelectors } from './splitSelectors';
import type { SelectorItem } from './suggestSelectors';

/** Hosts of one fleet, and the words that chose them. */
export interface HostChoice {
  fleet: Fleet;
  hosts: readonly Host[];
  selector: string;
}

/** The fleet to work on: the only one, or the one that the user picks. */
export async function pickFleet(fleets: readonly Fleet[]): Promise<Fleet | undefined> {
  if (fleets.length <= 1) return fleets[0];
  const items = fleets.map((fleet) => ({
    label: fleet.label,
    description: hostCount(fleet.inventory?.hosts.size ?? 0),
    detail: fleet.file,
    fleet,
  }));
  const picked = await window.showQuickPick(items, { title: l10n.t('Which inventory?') });
  return picked?.fleet;
}

/** Asks for selectors, showing while they are typed how many hosts they match. */
export async function pickHosts(fleet: Fleet, title: string): Promise<HostChoice | undefined> {
  const choice = await pickHostsStep(fleet, title);
  return choice === back ? undefined : choice;
}

export interface HostsStep {
  place?: StepPlace;
  /** The selectors that are there to begin with. */
  selector?: string;
  /** Why these hosts cannot be chosen. */
  refuse?: (hosts: readonly Host[]) => string | undefined;
}

/** The same as one step of several. */
export async function pickHostsStep(
  fleet: Fleet,
  title: string,
  { place, selector = '', refuse = () => undefined }: HostsStep = {},
): Promise<HostChoice | typeof back | undefined> {
  const inventory = fleet.inventory;
  if (!inventory) return undefined;
  const [{ resolveSelectors }, { suggestSelectors }] = await Promise.all([
    import('../../../platform/inventory/selection/selector'),
    import('./suggestSelectors'),
  ]);
  const suggestions = suggestSelectors(inventory);
  return quickPickStep<SelectorItem, HostChoice>(title, place, ({ picker, chosen, answer }) => {
    picker.placeholder = l10n.t('web-*, @group, role=web,env!=dev, !db-1 (comma: AND, space: OR)');
    picker.matchOnDescription = true;
    picker.value = selector;

    const offerFor = (typed: string): SelectorItem => {
      const { hosts, problem } = resolveSelectors(inventory, splitSelectors(typed));
      if (problem) {
        const detail = problem.suggestion ? l10n.t('Did you mean “{0}”?', problem.suggestion) : problem.hint;
        const label = `$(warning) ${problem.message}`;
        return { label, detail, selector: problem.suggestion, alwaysShow: true };
      }
      const refusal = refuse(hosts);
      if (refusal !== undefined)
        return {
          label: `$(lock) ${typed}`,
          description: hostCount(hosts.length),
          detail: refusal,
          alwaysShow: true,
        };
      return {
        label: `$(check) ${typed}`,
        description: hostCount(hosts.length),
        detail: namesOf(hosts),
        alwaysShow: true,
      };
    };
    const update = () => {
      const typed = picker.value.trim();
      picker.items =
        typed === ''
          ? suggestions
          : [offerFor(typed), ...suggestions.filter(({ selector }) => selector !== typed)];
    };
    picker.onDidChangeValue(update);
    picker.onDidAccept(() => {
      const selector = chosen()?.selector ?? picker.value.trim();
      const { hosts, problem } = resolveSelectors(inventory, splitSelectors(selector));
      const isSound = selector !== '' && !problem && refuse(hosts) === undefined;
      if (isSound) return answer({ fleet, hosts, selector });
      // Writing what is there already would undo what is typed meanwhile.
      if (picker.value.trim() !== selector) picker.value = selector;
      update();
    });
    update();
  });
}

/** The first names, and how many more there are. */
export function namesOf(hosts: readonly Host[], limit = 20): string {
  const names = hosts.slice(0, limit).map(({ name }) => name);
  const more = hosts.length - names.length;
  return names.join(', ') + (more > 0 ? l10n.t(' and {0} more', more) : '');
}
