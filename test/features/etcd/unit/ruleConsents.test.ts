import { describe, expect, it } from 'vitest';
import { changeRules } from '../../../../src/features/etcd/core/rules/changeRule';
import { clusterEntries } from '../../../../src/features/etcd/core/section/clusterEntry';
import { consentId } from '../../../../src/features/etcd/core/rules/ruleConsent';
import { parseInventory } from '../../../harness/inventories';

describe('A standing consent to a rule', () => {
  const idOf = (hosts: string, run = 'systemctl reload app') => {
    const file = '/fleet/muster.yaml';
    const inventory = parseInventory(
      `hosts: ${hosts}
etcd:
  main:
    endpoints: ["127.0.0.1:2379"]
    onChange: { reload: { keys: "app/**", on: "web*", run: "${run}" } }
`,
      file,
    );
    expect(inventory.problems).toEqual([]);
    const settings = inventory.section(clusterEntries).get('main')!;
    return consentId(inventory, settings, inventory.section(changeRules).get('main')![0]!);
  };

  it('holds while hosts come and go, and not for another command', () => {
    expect(idOf('{ web-1: , web-2: }')).toBe(idOf('{ web-1: }'));
    expect(idOf('{ web-1: }', 'reboot')).not.toBe(idOf('{ web-1: }'));
  });

  it('ends when one of the hosts is this machine', () => {
    expect(idOf('{ web-1: { transport: local } }')).not.toBe(idOf('{ web-1: }'));
    expect(idOf('{ web-1: , other: { transport: local } }')).toBe(idOf('{ web-1: }'));
  });
});
