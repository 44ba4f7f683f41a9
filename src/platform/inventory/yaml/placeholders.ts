import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import type { Host } from '../model';

/** What a placeholder may speak about; a Host is one. */
export type PlaceholderSource = Pick<Host, 'name' | 'labels'> & Partial<Pick<Host, 'address' | 'ssh'>>;

/**
 * `{word}` or `{label.word}`; doubled braces stand for themselves (`{{print}}` is the text `{print}`).
 * `${HOME}`, `{print $5}`, `{{.Name}}`, `x{2,3}`, `\p{Lu}` and JSON are no placeholders, so shell, awk, regular
 * expressions and bodies can be written as they are.
 */
const placeholder =
  /\{\{([A-Za-z][\w-]*(?:\.[\w./-]+)?)\}\}|(?<!\$|\\[pPx])\{([A-Za-z][\w-]*(?:\.[\w./-]+)?)\}/g;

const plainNames = ['name', 'address', 'port'] as const;

/** What `word` stands for on a host; undefined where it stands for nothing. */
export function placeholderValue(
  word: string,
  host: PlaceholderSource,
  extra: Readonly<Record<string, string | number>> = {},
): string | undefined {
  if (Object.hasOwn(extra, word)) return String(extra[word]);
  if (word.startsWith('label.')) {
    const label = word.slice('label.'.length);
    return Object.hasOwn(host.labels, label) ? host.labels[label] : undefined;
  }
  if (word === 'name') return host.name;
  if (word === 'address') return host.address;
  if (word === 'port') return host.address === undefined ? undefined : String(host.ssh?.port ?? 22);
  return undefined;
}

/**
 * Puts the host's values into `text`. `extra` adds or overrides words, e.g. `port` with the check's own;
 * otherwise `{port}` is the SSH port. @throws MusterError INVENTORY for a word without a value
 */
export function resolvePlaceholders(
  text: string,
  host: PlaceholderSource,
  extra: Readonly<Record<string, string | number>> = {},
): string {
  if (!text.includes('{')) return text;
  return text.replace(placeholder, (_, literal: string | undefined, word: string) => {
    if (literal !== undefined) return `{${literal}}`;
    const value = placeholderValue(word, host, extra);
    if (value !== undefined) return value;
    throw new MusterError('INVENTORY', t('{0} has no value for host {1}', `{${word}}`, host.name), {
      host: host.name,
      phase: 'inventory',
      hint: t('Known placeholders: {name}, {address}, {port} and {label.X} for a label X of the host.'),
    });
  });
}

/** The host with every text that a placeholder can stand for escaped for the language that it is put into. */
export function escapedHost(host: Host, escape: (text: string) => string): Host {
  return {
    ...host,
    name: escape(host.name),
    address: escape(host.address),
    labels: Object.fromEntries(Object.entries(host.labels).map(([name, value]) => [name, escape(value)])),
  };
}

/** A placeholder where it stands in a text. */
export interface PlacedPlaceholder {
  readonly word: string;
  /** UTF-16 units before it, and its own, braces included. */
  readonly offset: number;
  readonly length: number;
}

/** The text so that it stands for itself, whatever looks like a placeholder in it. */
export function literalText(text: string): string {
  return placedPlaceholders(text).reduceRight(
    (whole, { offset, length }) =>
      `${whole.slice(0, offset)}{${whole.slice(offset, offset + length)}}${whole.slice(offset + length)}`,
    text,
  );
}

/** The placeholders in `text`, in order of appearance. */
export function placedPlaceholders(text: string): PlacedPlaceholder[] {
  if (!text.includes('{')) return [];
  return [...text.matchAll(placeholder)].flatMap(({ 0: { length }, 2: word, index: offset }) =>
    word === undefined ? [] : [{ word, offset, length }],
  );
}

/** The words of the placeholders in `text`, each once, in order of appearance. */
export function placeholdersIn(text: string): string[] {
  return [...new Set(placedPlaceholders(text).map(({ word }) => word))];
}

/** Words that stand for nothing; with a host also the labels that it does not have. */
export function unknownPlaceholders(text: string, host?: PlaceholderSource): string[] {
  return placeholdersIn(text).filter((word) => {
    if (host) return placeholderValue(word, host, {}) === undefined;
    return !word.startsWith('label.') && !plainNames.some((name) => name === word);
  });
}

/** The same for every string inside `value`, e.g. an entry's settings. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
