import { l10n } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import type { Fleet } from '../fleets/fleet';

/**
 * The fleet that arguments mean: by label or path, else that of the folder, else the only one; undefined when there
 * are several to choose from.
 * @throws MusterError INVENTORY when there is no fleet at all, USAGE when there is none of that name
 */
export function fleetNamed(
  fleets: readonly Fleet[],
  { inventory, folder }: { inventory?: string; folder?: string } = {},
): Fleet | undefined {
  if (fleets.length === 0)
    throw new MusterError('INVENTORY', l10n.t('There is no inventory with hosts to run a command on.'));
  if (inventory === undefined)
    return fleets.find(({ id }) => id === folder) ?? (fleets.length === 1 ? fleets[0] : undefined);
  const found = fleets.find(({ label, file }) => label === inventory || file === inventory);
  if (found) return found;
  throw new MusterError('USAGE', l10n.t('There is no inventory “{0}”.', inventory), {
    hint: l10n.t('Known are {0}.', fleets.map(({ label }) => label).join(', ')),
  });
}
