import { l10n } from 'vscode';
import { hasAnswered, type Group, type Inventory } from '../../../platform/inventory/model';
import { age } from '../text/age';
import { timeOfDay } from '../text/localTime';
import type { GroupNode } from './hostNodes';

/** The group of the inventory that a row stands for, if it is one. */
export function groupOf({ fleet, name, label }: GroupNode): Group | undefined {
  return label === undefined && name !== undefined ? fleet.inventory?.groups.get(name) : undefined;
}

/** What a row says of hosts that are found: nothing while they are current. */
export function originWords({ origin, unknown }: Group): string[] {
  switch (origin?.state) {
    case 'stale':
      return [l10n.t('stale since {0}', timeOfDay(origin.answeredAt ?? Date.now()))];
    case 'waiting':
      return [l10n.t('asking {0}…', origin.from)];
    case 'unknown':
      return [l10n.t('hosts unknown: {0} does not answer', origin.from)];
    case 'contested':
      return [l10n.t('not all hosts are known')];
    case 'restricted':
      return [l10n.t('hosts unknown: not asked in Restricted Mode')];
    case 'current':
    case undefined:
      return unknown ? [l10n.t('not all hosts are known')] : [];
  }
}

/** Whether a group has no host only because it is unknown which it has. */
export function isUnknown({ origin, hosts }: Group): boolean {
  return origin !== undefined && !hasAnswered(origin) && hosts.length === 0;
}

/** The same with all that is known: where the hosts are from, how old the answer is, and why. */
export function originLines({ origin }: Group): string[] {
  if (!origin) return [];
  const { from, reason, answeredAt } = origin;
  return [
    l10n.t('Hosts found by {0}', from),
    ...(reason === undefined
      ? []
      : [origin.state === 'contested' ? reason : l10n.t('It does not answer: {0}', reason)]),
    ...(origin.state === 'stale' && answeredAt !== undefined
      ? [l10n.t('Its last answer is shown: {0}', age(Date.now() - answeredAt))]
      : []),
  ];
}

/** What found a host that no file declares. */
export function foundByLines(
  names: readonly string[] | undefined,
  inventory: Inventory | undefined,
): string[] {
  const found = (names ?? []).flatMap((name) => inventory?.groups.get(name)?.origin?.from ?? []);
  return found.length > 0 ? [l10n.t('Found by {0}', found.join(', '))] : [];
}
