import { isUtf8 } from 'node:buffer';
import type { KeyValue } from './etcdModel';
import { valueText } from '../keys/valueText';

/** Where it is valid UTF-8 as text, else in Base64. */
export function keyJson(key: Buffer): object {
  return isUtf8(key) ? { key: key.toString() } : { keyBase64: key.toString('base64') };
}

/** As text, or in Base64 where it is no UTF-8 or has NUL bytes. */
export function valueJson(value: Buffer, name = 'value'): object {
  const text = valueText(value);
  return text === undefined ? { [`${name}Base64`]: value.toString('base64') } : { [name]: text };
}

export function keyValueJson(kv: KeyValue): object {
  return { ...keyJson(kv.key), ...valueJson(kv.value), ...revisionsJson(kv) };
}

/** What etcd knows of a key beside its value. */
export function revisionsJson({ createRevision, modRevision, version, lease }: KeyValue): object {
  return { createRevision, modRevision, version, ...(lease !== undefined && { lease }) };
}

/** One line of JSON that does nothing to a terminal: what JSON leaves as it is, is escaped. */
export function jsonLine(value: object | null): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    escaped,
  );
}
