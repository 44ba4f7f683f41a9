import { posix } from 'node:path';
import { l10n } from 'vscode';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import { printable } from '../../../../platform/text/printable';
import type { Fleets } from '../../../../shell/editor/fleets/fleets';
import type { LogOrder } from './logOrder';

/** What a panel's tab says: which logs of which hosts. */
export function logsTitle({ hosts, sources, origin, file, inventory }: LogOrder, fleets: Fleets): string {
  const what =
    file !== undefined
      ? posix.basename(file.replaceAll('\\', '/'))
      : origin
        ? origin.kind === 'file'
          ? posix.basename(origin.path)
          : origin.kind === 'journal'
            ? (origin.unit ?? 'journal')
            : origin.command
        : sources.join(', ');
  if (inventory === '') return printable(what, 60);
  const fleet = fleets.all.find(({ id }) => id === inventory);
  const isAll = fleet?.inventory?.hosts.size === hosts.length && hosts.length > 1;
  const where = isAll ? l10n.t('all hosts') : compactHostSet(new Set(hosts));
  return `${printable(what, 40)} · ${printable(where, 40)}`;
}
