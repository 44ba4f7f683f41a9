import { isUtf8 } from 'node:buffer';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

/** Stands for a segment without characters, which a path cannot have. */
const emptySegment = '%-';
/** The first segment of a key that does not begin with a slash. */
const relativeMark = '%~';

/**
 * The path of a document for a key: `/config/app.yaml` is itself. Reversible for every key: bytes that are no UTF-8,
 * control characters, `%`, `\` and segments that paths cannot have (empty, `.`, `..`) are escaped with `%`.
 */
export function pathOfKey(key: Buffer): string {
  const segments = splitKey(key).map(escapeSegment);
  if (segments[0] === emptySegment && segments.length > 1) segments.shift();
  else segments.unshift(relativeMark);
  return `/${segments.join('/')}`;
}

/** What `pathOfKey` was given. @throws MusterError USAGE for a path that it never makes */
export function keyOfPath(path: string): Buffer {
  const [, ...segments] = path.split('/');
  const isRelative = segments[0] === relativeMark;
  const bytes = (isRelative ? segments.slice(1) : segments).map((segment) => unescapeSegment(segment, path));
  if (bytes.length === 0) throw notMade(path);
  const joined = Buffer.concat([
    ...(isRelative ? [] : [slash]),
    ...bytes.flatMap((segment, index) => (index > 0 ? [slash, segment] : [segment])),
  ]);
  if (pathOfKey(joined) !== path) throw notMade(path);
  return joined;
}

const slash = Buffer.from('/');

function splitKey(key: Buffer): Buffer[] {
  const segments: Buffer[] = [];
  let from = 0;
  for (let at = key.indexOf(slash); at >= 0; at = key.indexOf(slash, from)) {
    segments.push(key.subarray(from, at));
    from = at + 1;
  }
  return [...segments, key.subarray(from)];
}

function escapeSegment(segment: Buffer): string {
  if (segment.length === 0) return emptySegment;
  if (!isUtf8(segment)) return [...segment].map(escapeByte).join('');
  const text = segment.toString();
  if (text === '.' || text === '..') return [...segment].map(escapeByte).join('');
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}%\\]/gu, (found) =>
    [...Buffer.from(found)].map(escapeByte).join(''),
  );
}

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function unescapeSegment(segment: string, path: string): Buffer {
  if (segment === emptySegment) return Buffer.alloc(0);
  const parts = segment.split(/(%[0-9A-F]{2})/);
  return Buffer.concat(
    parts.map((part, index) => {
      if (index % 2 === 1) return Buffer.from(part.slice(1), 'hex');
      if (part.includes('%')) throw notMade(path);
      return Buffer.from(part);
    }),
  );
}

function notMade(path: string): MusterError {
  return new MusterError('USAGE', t('“{0}” is not an etcd key', path), {
    hint: t('Open the key from the Config view.'),
  });
}
