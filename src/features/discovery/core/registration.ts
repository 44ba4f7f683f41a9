import { isUtf8 } from 'node:buffer';
import { isIPv6 } from 'node:net';
import { addressProblem, labelProblem, nameProblem } from '../../../platform/inventory/hostName';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';

/** A host as somebody registered it: its name and address are those that a file may have, and it says nothing else. */
export interface Registration {
  readonly name: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of labels that are not taken: too many, too long, or with characters that cannot be seen. */
  readonly leftOut?: readonly string[];
}

/** Bytes of a value at most; one that is longer is not looked at. */
const longestValue = 16 * 1024;
/** Labels of one host at most. */
const mostLabels = 64;

const addressKeys = ['address', 'addr', 'host'];
/** `Metadata` is what etcd's naming resolver writes, the others are what people choose. */
const labelKeys = ['labels', 'metadata'];
const labelName = /^[A-Za-z_][\w./-]{0,62}$/;

/** @throws RangeError why it registers no host */
export function readRegistration(name: string, value: Buffer): Registration {
  const fault = nameProblem(name);
  if (fault !== undefined) throw new RangeError(fault);
  if (value.length > longestValue)
    throw new RangeError(t('the value has {0} bytes, and may have {1}', value.length, longestValue));
  if (!isUtf8(value)) throw new RangeError(t('the value is not text'));
  const text = value.toString().trim();
  const { address, port, labels } = text.startsWith('{')
    ? readObject(text)
    : { ...splitPort(text), labels: [] };
  const usable = labels.filter(isUsable).slice(0, mostLabels);
  const leftOut = labels.flatMap((label) => (usable.includes(label) ? [] : [printable(label[0], 60)]));
  return {
    ...registrationOf(name, address, {
      ...Object.fromEntries(usable),
      ...(port !== undefined && { port: String(port) }),
    }),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

/** @throws RangeError where name or address are none */
export function registrationOf(
  name: string,
  written: string,
  labels: Readonly<Record<string, string>>,
): Registration {
  const address = written.replace(/\.$/, '');
  const fault =
    address === '' ? t('it has no address') : (nameProblem(name) ?? addressProblem(printable(address, 300)));
  if (fault !== undefined) throw new RangeError(fault);
  // What `printable` changes is no address, but what is left of it may be one.
  if (printable(address, 300) !== address)
    throw new RangeError(t('its address has characters that cannot be seen'));
  return { name, address, labels };
}

interface Endpoint {
  address: string;
  port?: number;
}

/** `host`, `host:port`, `::1`, `[::1]` or `[::1]:port`. @throws RangeError for a port that is none */
function splitPort(text: string): Endpoint {
  if (isIPv6(text)) return { address: text };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return digits === undefined ? { address } : { address, port: portOf(digits) };
}

/** @throws RangeError */
function portOf(value: unknown): number {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  if (typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new RangeError(t('its port is not a number from 1 to 65535'));
}

/** An object with the address under one of several names, in any case of letters. @throws RangeError */
function readObject(text: string): Endpoint & { labels: readonly (readonly [string, string])[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError(t('the value is not JSON, although it begins so'));
  }
  const fields = new Map(
    Object.entries(value as object).map(([key, one]) => [key.toLowerCase(), one as unknown]),
  );
  const written = addressKeys
    .map((key) => fields.get(key))
    .find((one) => typeof one === 'string' && one !== '');
  if (typeof written !== 'string')
    throw new RangeError(
      t('the value names no address: it has none of the keys {0}', addressKeys.join(', ')),
    );
  const endpoint = splitPort(written.trim());
  const port = fields.get('port') ?? endpoint.port;
  return {
    address: endpoint.address,
    ...(port !== undefined && port !== null && { port: portOf(port) }),
    labels: [...tagsOf(fields.get('tags')), ...labelKeys.flatMap((key) => labelsOf(fields.get(key)))],
  };
}

/** Values other than text, numbers and booleans are no labels: metadata may hold anything. */
function labelsOf(value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, one]: [string, unknown]): [string, string][] =>
    ['string', 'number', 'boolean'].includes(typeof one) ? [[name, String(one as string)]] : [],
  );
}

/** Tags as Consul has them: `name=value`, or a name alone, which is a label with the value `true`. */
function tagsOf(value: unknown): [string, string][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((tag: unknown): [string, string][] => {
    if (typeof tag !== 'string' || tag === '') return [];
    const at = tag.indexOf('=');
    return [at < 0 ? [tag, 'true'] : [tag.slice(0, at), tag.slice(at + 1)]];
  });
}

/** Whether selectors can name a label, and rows show it as it is. */
function isUsable([name, value]: readonly [string, string]): boolean {
  return labelName.test(name) && (value === '' || labelProblem(value) === undefined);
}
