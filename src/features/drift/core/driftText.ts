import type { ErrorReport } from '../../../platform/errors/errors';
import { t, text } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { stateText } from './changes';
import type { Comparison, Difference, DifferenceClass, HostGroup, UnseenEntries } from './compareFacts';
import type { UnseenKind } from './factTable';

/** How lines are to be shown: `head` begins what is below it. */
export type LineKind = 'head' | 'group' | 'entry' | 'note' | 'bad' | 'empty';

export interface DriftLine {
  readonly kind: LineKind;
  readonly text: string;
}

/** A host that was not reached, or not to its end. */
export interface Unreached {
  readonly host: string;
  readonly error: ErrorReport;
}

const kindWords: Readonly<Record<UnseenKind, string>> = {
  denied: text('not permitted'),
  missing: text('not there'),
  failed: text('failed'),
  timeout: text('took too long'),
  cut: text('cut off'),
  garbled: text('not readable'),
};

/** Entries of one difference, and names in one line, that are shown; the others are counted. */
const most = { entries: 200, names: 5, groups: 20 };

const line = (kind: LineKind, words: string): DriftLine => ({ kind, text: words });
const empty = line('empty', '');

/** The outcome in lines. */
export function* driftLines(comparison: Comparison, unreached: readonly Unreached[]): Generator<DriftLine> {
  yield* groupLines(comparison, unreached.length);
  for (const difference of comparison.differences) yield* differenceLines(comparison, difference);
  if (comparison.unseen.length > 0) {
    yield empty;
    yield line('head', t('Cannot be seen, so neither the same nor different'));
    for (const one of comparison.unseen) yield line('bad', `  ${unseenText(comparison, one)}`);
  }
  if (unreached.length > 0) {
    yield empty;
    yield line('head', t('Without an answer'));
    for (const { host, error } of unreached)
      yield line('bad', `  ${host}: ${error.code}: ${printable(error.message, 300)}`);
  }
}

function* groupLines(comparison: Comparison, unreached: number): Generator<DriftLine> {
  const { groups, hosts } = comparison;
  const agreed = agreement(comparison);
  const isPart = unreached > 0 && hosts.length > 0;
  yield line('head', isPart ? t('{0}; {1} without an answer', agreed, unreached) : agreed);
  if (groups.length === 1 || hosts.length === 0) return;
  for (const group of groups.slice(0, most.groups)) yield line('group', `  ${groupText(group)}`);
  const left = groups.length - most.groups;
  if (left > 0) yield line('note', `  ${t('… and {0} more groups', left)}`);
}

/** How many of the hosts are the same, in a sentence. */
export function agreement({ groups, hosts, tied, differences, against }: Comparison): string {
  const [first] = groups;
  const total = hosts.length;
  if (!first) return t('No host answered');
  const whole = groups.filter(({ isPartial }) => !isPartial);
  const biggest = Math.max(0, ...whole.map((group) => group.hosts.length));
  if (against?.isChanges)
    return differences.length === 0
      ? t('Nothing is known to have changed on the hosts ({0})', total)
      : t('{0} of {1} hosts have changed', changedHosts(differences), total);
  if (groups.length === 1 && !first.isPartial) return t('{0} of {1} hosts agree', total, total);
  if (whole.length === 0) return t('None of the hosts ({0}) can be seen as a whole', total);
  if (tied > 1)
    return t('{0} of {1} hosts agree, as do others: {2} groups are of this size', biggest, total, tied);
  return t('{0} of {1} hosts agree', biggest, total);
}

function changedHosts(differences: readonly Difference[]): number {
  return new Set(differences.flatMap(({ others }) => others.flatMap(({ hosts }) => hosts))).size;
}

function groupText({ hosts, hostSet, isPartial }: HostGroup): string {
  const set = printable(hostSet, 200);
  return isPartial ? t('{0} ({1}), as far as can be seen', set, hosts.length) : `${set} (${hosts.length})`;
}

function* differenceLines(comparison: Comparison, difference: Difference): Generator<DriftLine> {
  const { entries, others, unseenOn } = difference;
  yield empty;
  yield line('head', others.map(({ hostSet }) => printable(hostSet, 120)).join(' / '));
  let fact = -1;
  for (const [at, entry] of entries.slice(0, most.entries).entries()) {
    if (entry.fact !== fact) {
      fact = entry.fact;
      yield line('group', `  ${comparison.keys[fact]!}`);
    }
    yield line('entry', `    ${entry.name}: ${statesText(comparison, difference, at)}`);
  }
  if (entries.length > most.entries)
    yield line('note', `    ${t('… and {0} more entries', entries.length - most.entries)}`);
  if (unseenOn) yield line('note', `    ${t('cannot be seen on {0}', printable(unseenOn.hostSet, 120))}`);
}

/** `3.0.11 (others 3.0.13)` */
function statesText({ against }: Comparison, { others, common }: Difference, at: number): string {
  const textOf = ({ states }: DifferenceClass) =>
    states[at] === null && against?.isChanges ? t('unchanged') : stateText(states[at]!);
  const own = others
    .map((one) => (others.length === 1 ? textOf(one) : `${printable(one.hostSet, 60)} ${textOf(one)}`))
    .join('; ');
  if (!common || against?.isChanges) return own;
  return against ? `${own} (${against.host} ${textOf(common)})` : t('{0} (others {1})', own, textOf(common));
}

function unseenText({ keys }: Comparison, { fact, names, why, hostSet }: UnseenEntries): string {
  const shown = names.slice(0, most.names).join(', ');
  const left = names.length - most.names;
  const what = left > 0 ? t('{0} and {1} more', shown, left) : shown;
  const reason = [t(kindWords[why.kind]), why.detail].filter((part) => part !== '').join(': ');
  return [printable(hostSet, 200), keys[fact]!, what, reason].filter((part) => part !== '').join(': ');
}
