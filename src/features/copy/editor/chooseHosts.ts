import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector } from '../../../shell/editor/commands/hostChoice';
import { type HostChoice, pickFleet, pickHostsStep } from '../../../shell/editor/commands/pickHosts';
import { back } from '../../../shell/editor/commands/quickPickStep';
import type { Fleet } from '../../../shell/editor/fleets/fleet';

/** The hosts that are given, or else asked for under this title. @throws MusterError USAGE */
export async function chooseHosts(
  shown: readonly Fleet[],
  { selector, inventory }: { selector?: string | undefined; inventory?: string | undefined },
  title: string,
  options?: Parameters<typeof pickHostsStep>[2],
): Promise<HostChoice | undefined> {
  const fleet = fleetNamed(shown, { inventory }) ?? (await pickFleet(shown));
  if (!fleet) return undefined;
  if (selector !== undefined) return choiceBySelector(fleet, selector);
  const choice = await pickHostsStep(fleet, title, options);
  return choice === back ? undefined : choice;
}
