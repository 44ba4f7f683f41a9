import { describe, expect, it } from 'vitest';
import { portOf } from '../../../../src/features/checks/core/servicePort';
import { parseInventory } from '../../../harness/inventories';

const inventory = (port: string, check = 'type: tcp') =>
  parseInventory(
    `hosts: { web: { labels: { port: 8080, bad: "22; id" } } }\nchecks: { up: { ${check}, port: ${port} } }\n`,
    '/fleet/muster.yaml',
  );
const problems = (port: string, check?: string) =>
  inventory(port, check).problems.map(({ message }) => message);
const host = inventory('80').hosts.get('web')!;

describe('The port of a service', () => {
  it('is a number, or a label of the host', () => {
    for (const check of ['type: tcp', 'type: tls']) {
      expect(problems('8080', check)).toEqual([]);
      expect(problems('"{label.port}"', check)).toEqual([]);
    }
    expect(portOf(8080, host)).toBe(8080);
    expect(portOf('{label.port}', host)).toBe(8080);
  });

  it.each(['0', '65536', '"80"', '"{port}"', '"{label.port}0"', '1.5'])('is not %s', (port) => {
    expect(problems(port)).toEqual([
      'expected a port, a number from 1 to 65535, or a label of the host such as {label.port}',
    ]);
  });

  it('is a label that the host must have', () => {
    expect(problems('"{label.prot}"')).toEqual(['check “up” needs {label.prot}, which web has not']);
  });

  it('is not whatever a label says', () => {
    expect(() => portOf('{label.bad}', host)).toThrow('{label.bad} is “22; id”, which is not a port');
  });
});
