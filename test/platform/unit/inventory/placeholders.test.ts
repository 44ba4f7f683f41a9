import { describe, expect, it } from 'vitest';
import {
  placeholdersIn,
  resolvePlaceholders,
  stringsIn,
  unknownPlaceholders,
} from '../../../../src/platform/inventory/yaml/placeholders';

const host = {
  name: 'web-01',
  address: '10.0.0.1',
  labels: { zone: 'eu-1', 'app/tier': 'front' },
  ssh: { port: 2222 },
};

describe('placeholders', () => {
  it('take the values of the host', () => {
    expect(resolvePlaceholders('{name} {address} {port} {label.zone} {label.app/tier}', host)).toBe(
      'web-01 10.0.0.1 2222 eu-1 front',
    );
  });

  it('take the SSH default port when the host names none', () => {
    expect(resolvePlaceholders('{port}', { ...host, ssh: {} })).toBe('22');
  });

  it('take the caller’s own values first', () => {
    expect(resolvePlaceholders('{address}:{port}', host, { port: 8443 })).toBe('10.0.0.1:8443');
  });

  it.each(['${HOME}', "awk '{print $5+0}'", '{{.Name}}', 'x{2,3}', '{"a": 1}', '\\p{Lu}', '{}', '{ name }'])(
    'leave %s alone',
    (text) => {
      expect(resolvePlaceholders(text, host)).toBe(text);
      expect(unknownPlaceholders(text)).toEqual([]);
    },
  );

  it('stand for their own text with doubled braces', () => {
    expect(resolvePlaceholders("awk '{{print}}' {name}", host)).toBe("awk '{print}' web-01");
  });

  it('are an inventory error when they have no value', () => {
    expect(() => resolvePlaceholders('{label.rack}', host)).toThrow(
      expect.objectContaining({ code: 'INVENTORY', host: 'web-01' }),
    );
    expect(() => resolvePlaceholders('{constructor}', host)).toThrow('{constructor} has no value');
    expect(() => resolvePlaceholders('{label.__proto__}', host)).toThrow('has no value');
  });

  it('are not resolved a second time in what they resolve to', () => {
    expect(resolvePlaceholders('{label.trick}', { name: 'a', labels: { trick: '{name}' } })).toBe('{name}');
  });

  it('are listed once, unknown ones told apart', () => {
    expect(placeholdersIn('{name}{name}{nope}')).toEqual(['name', 'nope']);
    expect(unknownPlaceholders('{name} {nope} {label.any}')).toEqual(['nope']);
    expect(unknownPlaceholders('{label.zone} {label.any}', host)).toEqual(['label.any']);
  });

  it('are found in every string of a check’s settings', () => {
    expect(stringsIn({ a: 'x', b: [{ c: 'y' }, 3, null], d: true })).toEqual(['x', 'y']);
  });
});
