import { describe, expect, it } from 'vitest';
import type { ErrorReport } from '../../../../src/platform/errors/errors';
import type { ClusterStatus, EndpointStatus } from '../../../../src/features/etcd/core/client/etcdStatus';
import { clusterWords } from '../../../../src/features/etcd/editor/clusters/clusterWords';
import type { ClusterNode } from '../../../../src/features/etcd/editor/config/configNodes';

const up: EndpointStatus = { endpoint: 'a', healthy: true, version: '3.5.9', dbSize: 1_000_000, errors: [] };
const down: EndpointStatus = { endpoint: 'b', healthy: false, errors: [] };
const ailing: EndpointStatus = { ...up, healthy: false, errors: ['etcdserver: no leader'] };

const statusOf = (...endpoints: EndpointStatus[]): ClusterStatus => ({ endpoints, alarms: [], revision: 1 });
const words = (endpoints: EndpointStatus[], more: Partial<ClusterNode> = {}) => {
  const settings = {
    endpoints: endpoints.map(({ endpoint }) => endpoint),
    readOnly: false,
    protected: false,
  };
  return clusterWords({ cluster: { settings }, status: statusOf(...endpoints), ...more } as ClusterNode);
};

describe('the row of a cluster', () => {
  it('says how many of its members are healthy', () => {
    expect(words([up, down])[0]).toBe('1/2 healthy');
    // It answers, if not to what it should.
    expect(words([ailing])[0]).toBe('0/1 healthy');
  });

  it('says that none answers, and how old the last known figure is', () => {
    const lastHealthy = { members: 1, at: Date.now() - 12_000 };
    expect(words([down], { lastHealthy })).toEqual(['not reachable', '1/1 healthy 12 s ago']);
    expect(words([down])).toEqual(['not reachable']);
  });

  const refusal: ErrorReport = { code: 'AUTH', phase: 'auth', message: 'authentication failed', causes: [] };
  const strict: EndpointStatus = { endpoint: 'c', healthy: false, errors: [], error: refusal };

  it.each([
    ['needed', 'password needed'],
    ['refused', 'password refused'],
  ] as const)('says that its password is %s, not that it is out of reach', (login, said) => {
    const cluster = {
      login,
      settings: { username: 'sre', endpoints: ['c'], readOnly: false, protected: true },
    };
    expect(words([strict], { cluster } as unknown as Partial<ClusterNode>)).toEqual([said, 'protected']);
  });

  it('says that it wants a user', () => {
    expect(words([strict])).toEqual(['user name needed']);
    expect(words([{ ...strict, error: { ...refusal, phase: 'request' } }])).toEqual(['not reachable']);
  });

  it('says so before the members were asked, when the watch has lost its connection', () => {
    const lastHealthy = { members: 1, at: Date.now() - 12_000 };
    expect(words([up], { lastHealthy, isLost: true })).toEqual(['not reachable', '1/1 healthy 12 s ago']);
  });
});
