import { MusterError } from '../../../../platform/errors/errors';
import type { RangeAnswer } from './etcdMessages';
import { t } from '../../../../platform/l10n/l10n';
import { endOfAll, keyAfter, type KeyRange, type KeyValue } from './etcdModel';
import type { CallOptions } from './etcdTransport';

export interface ListOptions extends CallOptions {
  /** Leaves the values out. */
  keysOnly?: boolean;
  /** Reads the past; now by default, the same for all pages. */
  revision?: number;
  /** Bytes that a page is to have, 1 MiB by default. */
  pageBytes?: number;
  /** Keys of the first page, which has few by default: nothing is known of their values. */
  firstKeys?: number;
}

export interface Page {
  /** The revision that all pages are of. */
  revision: number;
  kvs: KeyValue[];
  /** Keys of the range that are not in this page nor in those before it. */
  remaining: number;
}

type ReadRange = (
  range: KeyRange,
  options: CallOptions & { limit: number; keysOnly: boolean; revision: number },
) => Promise<RangeAnswer>;

const defaultPageBytes = 1024 * 1024;
/** Keys of one page: decoding more would hold up everything else for too long. */
const maxKeys = 5000;
/** Nothing is known of the first page's values, and one may have more than a megabyte. */
const firstLimit = { withValues: 4, keysOnly: 1000 };
const maxGrowth = 4;
/** What a key costs besides key and value. */
const overheadBytes = 32;

/**
 * All keys of `range` at one revision. The limit follows the size of what came, so that neither a page nor a message
 * grows with the values. @throws MusterError COMPACTED when the revision is compacted meanwhile
 */
export async function* listPages(
  read: ReadRange,
  range: KeyRange,
  options: ListOptions,
): AsyncGenerator<Page, void, undefined> {
  const { keysOnly = false, pageBytes = defaultPageBytes, signal, timeoutMs } = options;
  let revision = options.revision ?? 0;
  let start = range.start;
  let limit = options.firstKeys ?? (keysOnly ? firstLimit.keysOnly : firstLimit.withValues);
  for (;;) {
    let answer: RangeAnswer;
    try {
      answer = await read({ start, end: range.end }, { limit, keysOnly, revision, signal, timeoutMs });
    } catch (error) {
      if (!MusterError.is(error, 'TOO_LARGE') || limit === 1) throw error;
      limit = Math.ceil(limit / 4);
      continue;
    }
    // The pages after the first are of the same state as the first.
    if (revision === 0) revision = answer.revision;
    const { kvs } = answer;
    requireOrder(answer, { start, end: range.end });
    yield { revision, kvs, remaining: answer.count - kvs.length };
    if (!answer.more) return;
    start = keyAfter(kvs.at(-1)!.key);
    limit = nextLimit(limit, kvs, pageBytes);
  }
}

/** What is not so would be listed for ever, or is not what was asked for. @throws MusterError PROTOCOL */
function requireOrder({ kvs, more }: RangeAnswer, { start, end }: KeyRange): void {
  const [first] = kvs;
  const last = kvs.at(-1);
  const isInside =
    !first ||
    (first.key.compare(start) >= 0 &&
      last!.key.compare(first.key) >= 0 &&
      (end === undefined || end.equals(endOfAll) || last!.key.compare(end) < 0));
  if (isInside && (first || !more)) return;
  throw new MusterError('PROTOCOL', t('the answer has other keys than those that were asked for'), {
    phase: 'request',
    hint: t('What answers is not etcd, or something in between changes what it says.'),
  });
}

function nextLimit(limit: number, kvs: readonly KeyValue[], pageBytes: number): number {
  let bytes = 0;
  let largest = 0;
  for (const { key, value } of kvs) {
    const size = key.length + value.length + overheadBytes;
    bytes += size;
    largest = Math.max(largest, size);
  }
  // Between the mean and the largest: values of one kind stand together, large ones come in rows.
  const expected = Math.sqrt((bytes / kvs.length) * largest);
  return Math.max(1, Math.min(Math.floor(pageBytes / expected), limit * maxGrowth, maxKeys));
}
