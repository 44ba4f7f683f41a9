import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('The threat model', () => {
  const named = [...readFileSync('docs/threat-model.md', 'utf8').matchAll(/`(test\/[\w/.-]+)`/g)];
  it.each([...new Set(named.map(([, file]) => file!))])('names a test that exists: %s', (file) => {
    expect(existsSync(file)).toBe(true);
  });
});
