import { l10n, type Uri } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { readHostFileUri } from './hostFileUri';

/** A path on a host of a fleet. */
export interface Place {
  fleet: Fleet;
  host: Host;
  path: string;
}

/** @throws MusterError USAGE for a URI of another kind, INVENTORY when it is not clear which host is meant */
export function placeOfHostFile(fleets: readonly Fleet[], uri: Uri): Place {
  const file = readHostFileUri(uri);
  if (!file) throw new MusterError('USAGE', l10n.t('“{0}” names no file on a host.', uri.toString()));
  const { host: name, path, inventory } = file;
  const found = fleets.flatMap((fleet): Place[] => {
    const host = fleet.inventory?.hosts.get(name);
    const isMeant = inventory === undefined || fleet.id === inventory;
    return host && isMeant ? [{ fleet, host, path }] : [];
  });
  if (found.length === 1) return found[0]!;
  const hint =
    found.length === 0
      ? l10n.t(
          'It may have been renamed in muster.yaml, or its inventory is not open: put it back and try again, or copy the text elsewhere.',
        )
      : l10n.t('Open the file again from the Hosts view.');
  throw new MusterError(
    'INVENTORY',
    found.length === 0
      ? l10n.t('There is no host “{0}”.', name)
      : l10n.t('Several inventories have a host “{0}”.', name),
    { host: name, phase: 'inventory', hint },
  );
}
