import { l10n } from 'vscode';
import { type DifferencePart, valueDifference } from '../../core/compare/inlineDifference';
import { keyText } from '../../core/keys/keyText';
import { valueText } from '../../core/keys/valueText';
import { type KeyRow, keyOf, revisionOf, valuesOf, type WatchControl } from '../../core/watch/watchLog';
import type { WayChange } from '../../core/watch/watchWays';
import { changeType, type ViewedRow } from '../../core/watch/watchView';
import { printable } from '../../../../platform/text/printable';
import type { PartModel, RowModel, Tone } from '../../protocol/watchPanel';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import { spanText } from '../../../../shell/editor/text/spanText';

/** UTF-16 units of a key that are shown; bytes of a value that is no text. */
const keyLength = 400;
const hexBytes = 16;

/** A row in words. */
export function rowModel({ at, row, count }: ViewedRow): RowModel {
  const seen = timeText(row.time);
  if (row.kind === 'control')
    return { at, seq: row.seq, time: seen, kind: 'control', ...controlWords(row.control) };
  // Of what was there, or happened while nobody watched, it is known only that it was before.
  const time = row.kind === 'event' && !row.isPast ? seen : l10n.t('before {0}', seen);
  const base = { at, seq: row.seq, time };
  const type = changeType(row)!;
  const { before, after } = valuesOf(row);
  const size = row.sizes.after ?? row.sizes.before;
  return {
    ...base,
    ...{ kind: 'change', type, origin: row.kind, typeText: typeText(row) },
    revision: String(revisionOf(row)),
    key: keyText(keyOf(row)!, keyLength),
    size: size === undefined ? '' : sizeText(size),
    count: count === undefined || count === 1 ? '' : `×${count.toLocaleString('en')}`,
    parts: differenceParts(before, after),
    note: noteOn(row),
    isComparable: before !== undefined || after !== undefined,
  };
}

export function typeWords() {
  return { put: l10n.t('PUT'), delete: l10n.t('DELETE'), expired: l10n.t('LEASE EXPIRED') };
}

function typeText(row: KeyRow): string {
  const isMaybe = row.kind === 'event' && row.event.lease === 'maybe';
  return isMaybe ? l10n.t('LEASE EXPIRED?') : typeWords()[changeType(row)!];
}

function noteOn(row: KeyRow): string {
  if (row.valuesForgotten) return l10n.t('values forgotten for want of room');
  switch (row.kind) {
    case 'difference': {
      const { previousRevision } = row.change;
      return previousRevision === undefined
        ? l10n.t('net difference')
        : l10n.t('net difference to revision {0}', previousRevision);
    }
    case 'snapshot':
      return l10n.t('was there already');
    case 'event': {
      const { event } = row;
      if (event.previousUnknown) return l10n.t('before: unknown, compacted');
      const isSame = event.current && event.previous?.value.equals(event.current.value);
      return isSame ? l10n.t('same value') : '';
    }
  }
}

function differenceParts(before: Buffer | undefined, after: Buffer | undefined): PartModel[] {
  const texts = [before, after].map((value) => value === undefined || valueText(value) !== undefined);
  const parts =
    texts[0] && texts[1]
      ? valueDifference(before ?? Buffer.alloc(0), after ?? Buffer.alloc(0))
      : binaryParts(before, after);
  return parts.map(({ kind, text }) => ({ kind, text: shownText(text) }));
}

function binaryParts(before: Buffer | undefined, after: Buffer | undefined): DifferencePart[] {
  return [
    ...(before ? [{ kind: 'removed' as const, text: shownValue(before) }] : []),
    ...(before && after ? [{ kind: 'same' as const, text: ' ' }] : []),
    ...(after ? [{ kind: 'added' as const, text: shownValue(after) }] : []),
  ];
}

function shownValue(value: Buffer): string {
  if (valueText(value) !== undefined) return value.toString('utf8', 0, 200);
  const digits = value.toString('hex', 0, hexBytes).replace(/..(?=.)/g, '$& ');
  return l10n.t('binary, {0}: {1}', sizeText(value.length), value.length > hexBytes ? `${digits}…` : digits);
}

/** A value's text in one line: what ends lines is shown, what turns or hides text is spelled out. */
function shownText(text: string): string {
  return text
    .replace(/\r?\n/g, '⏎')
    .replace(/\t/g, '⇥')
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
      (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    );
}

function controlWords(control: WatchControl): { tone: Tone; icon: string; text: string } {
  switch (control.type) {
    case 'connected':
      return {
        ...{ tone: 'info', icon: 'plug' },
        text: l10n.t('Watching on {0}: every change after revision {1}', control.endpoint, control.revision),
      };
    case 'disconnected':
      return {
        ...{ tone: 'warning', icon: 'debug-disconnect' },
        text: l10n.t(
          'Connection to {0} lost, complete up to revision {1}: {2}',
          control.endpoint,
          control.revision,
          printable(control.error.message, 200),
        ),
      };
    case 'resumed':
      return {
        ...{ tone: 'info', icon: 'pass' },
        text: l10n.t(
          'Resumed on {0} after {1} away: every change after revision {2}',
          control.endpoint,
          spanText(control.awayMs),
          control.revision,
        ),
      };
    case 'detour':
      return {
        ...{ tone: 'warning', icon: 'watch' },
        text: l10n.t(
          'etcd answers, but not with what follows revision {0}: {1}',
          control.revision,
          detourWords(control.change),
        ),
      };
    case 'gap':
      return {
        ...{ tone: 'error', icon: 'warning' },
        text:
          control.reason === 'compacted'
            ? l10n.t(
                'Unknown: revisions {0} to {1}, compacted before they could be read. Only the net difference can be told.',
                control.from,
                control.to,
              )
            : l10n.t(
                'The cluster has another history, as after a restore: what came after revision {0} is unknown, it is at revision {1} now. Only the net difference can be told.',
                control.from - 1,
                control.to,
              ),
      };
    case 'lost':
      return {
        ...{ tone: 'warning', icon: 'history' },
        text: l10n.t(
          'The window was reloaded: {0} changes up to revision {1} that stood here are lost. “Watch Prefix From…” tells those again that etcd still has.',
          control.changes.toLocaleString('en'),
          control.revision,
        ),
      };
    case 'converged':
      return {
        ...{ tone: control.deletionsKnown ? 'info' : 'warning', icon: 'git-compare' },
        text: control.deletionsKnown
          ? l10n.t('All net differences are shown: this is the state at revision {0}.', control.revision)
          : l10n.t(
              'All net differences that can be known are shown, up to revision {0}. Which keys were deleted is unknown.',
              control.revision,
            ),
      };
    case 'ended':
      return {
        ...{ tone: 'error', icon: 'error' },
        text: l10n.t('The watch ended: {0}', printable(control.error.message, 300)),
      };
  }
}

function detourWords(change: WayChange): string {
  switch (change) {
    case 'patience':
      return l10n.t('waiting longer.');
    case 'unsplit':
      return l10n.t('asked again for all of it in one message.');
    case 'unsplitWithoutPrevious':
      return l10n.t('asked again for all of it in one message, with the values before read separately.');
    case 'withoutPrevious':
      return l10n.t('asked again, with the values before read separately.');
  }
}

function timeText(time: number): string {
  const date = new Date(time);
  const digits = (value: number, length = 2) => String(value).padStart(length, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => digits(value));
  return `${clock.join(':')}.${digits(date.getMilliseconds(), 3)}`;
}
