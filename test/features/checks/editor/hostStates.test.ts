import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type MarkdownString, type ThemeColor, type ThemeIcon, type TreeItem } from 'vscode';
import { FleetChecks } from '../../../../src/features/checks/editor/fleetChecks';
import { historyText } from '../../../../src/features/checks/editor/historyText';
import { denyingAuthority, silentLogger } from '../../../../src/platform/host/host';
import { Batches } from '../../../../src/shell/editor/batches';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import { Fleets } from '../../../../src/shell/editor/fleets/fleets';
import { HostsTree } from '../../../../src/shell/editor/hosts/hostsTree';

/** What a row says to those who see it, and to those who hear it. */
interface Shown {
  /** Its icon with the color. */
  icon: string;
  description: string;
  spoken: string;
  tooltip: string;
}

describe('The row of a host', () => {
  let folder: string;
  let fleets: Fleets;
  let fleet: Fleet;
  let tree: HostsTree;
  let checks: FleetChecks;
  const servers = new Map<string, { server: Server; port: number }>();

  /** A service that can be stopped and started. */
  const service = async (name: string) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(servers.get(name)?.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    servers.set(name, { server, port: (server.address() as AddressInfo).port });
  };
  const stop = async (name: string) => {
    const { server } = servers.get(name)!;
    server.close();
    await once(server, 'close');
  };
  const port = (name: string) => servers.get(name)!.port;

  /** As the clock does it, or as somebody who asks. */
  const check = (automatic: boolean) =>
    checks.check(new Map([[fleet, fleet.targetsOf(fleet.inventory!.hosts.keys())]]), {
      ...{ automatic, quiet: true },
    });

  /** The row of these labels, outermost first, with what its icon and its tooltip say. */
  const shown = (...path: string[]): Shown => {
    const at = path.reduce<ReturnType<HostsTree['getChildren']>[number] | undefined>(
      (parent, label) => tree.getChildren(parent).find((node) => tree.getTreeItem(node).label === label),
      undefined,
    );
    assert.ok(at, path.join(' → '));
    const item: TreeItem = tree.resolveTreeItem(tree.getTreeItem(at), at);
    const { id, color } = item.iconPath as ThemeIcon & { color?: ThemeColor & { id: string } };
    return {
      icon: `${id} ${color?.id ?? ''}`.trim(),
      description: String(item.description).replace(/\d+(\.\d)? ms/g, '… ms'),
      spoken: item.accessibilityInformation!.label,
      tooltip: (item.tooltip as MarkdownString).value.replaceAll('\\', ''),
    };
  };

  beforeEach(async () => {
    await Promise.all(['web', 'db'].map(service));
    folder = await mkdtemp(join(tmpdir(), 'host-states-'));
    fleets = new Fleets({
      ...{ logger: silentLogger, authority: denyingAuthority },
      knownHostsFile: join(folder, 'known_hosts'),
    });
    checks = new FleetChecks(new Batches());
    tree = new HostsTree(fleets);
  });
  afterEach(async () => {
    for (const owned of [tree, checks, fleets]) owned.dispose();
    for (const { server } of servers.values()) server.close();
    servers.clear();
    await rm(folder, { recursive: true });
  });
  const open = async (text: string) => {
    await writeFile(join(folder, 'muster.yaml'), text);
    fleet = await fleets.add('test', 'Test', join(folder, 'muster.yaml'));
  };

  it('is not plainly healthy while a check of it may become unhealthy, nor is its group', async () => {
    await open(`hosts: { web-1: { address: 127.0.0.1 }, web-2: { address: 127.0.0.1 } }
groups: { web: { hosts: 'web-*' } }
checks:
  port: { type: tcp, port: ${port('web')}, on: web-1, unhealthyAfter: 3 }
  other: { type: tcp, port: ${port('db')} }
`);
    await check(true);
    assert.equal(shown('web').description, '2/2 healthy');
    await stop('web');
    await check(true);
    const host = shown('web', 'web-1');
    assert.equal(host.icon, 'pass problemsWarningIcon.foreground');
    assert.equal(host.description, 'healthy · port: unhealthy 1 of 3 times · … ms');
    assert.match(host.spoken, /^web-1, healthy · port: unhealthy 1 of 3 times/);
    assert.match(host.tooltip, /port: healthy · unhealthy 1 of 3 times · /);
    assert.equal(shown('web', 'web-2').icon, 'pass testing.iconPassed');
    const group = shown('web');
    assert.equal(group.icon, 'pass problemsWarningIcon.foreground');
    assert.equal(group.description, '2/2 healthy · 1 may change');
    assert.equal(group.spoken, 'web, healthy, 2/2 healthy · 1 may change');
    assert.match(historyText(fleet, 'web-1', 'port'), /There is no result yet/);

    await check(true);
    await check(true);
    assert.equal(shown('web', 'web-1').icon, 'error testing.iconFailed');
    assert.equal(shown('web').description, '1/2 · 1 unhealthy');
    await service('web');
    await check(false);
    assert.equal(shown('web', 'web-1').icon, 'pass testing.iconPassed');
    assert.equal(shown('web').description, '2/2 healthy');
  });

  it('stays as unhealthy as it is while something else about it may change', async () => {
    await open(`hosts: { web-1: { address: 127.0.0.1 } }
groups: { web: { hosts: web-1 } }
checks:
  port: { type: tcp, port: ${port('web')}, unhealthyAfter: 2 }
  gone: { type: tcp, port: 1 }
`);
    await check(true);
    await stop('web');
    await check(true);
    await service('web');
    const host = shown('web', 'web-1');
    assert.equal(host.icon, 'error testing.iconFailed');
    assert.match(host.description, /^unhealthy: gone · /);
    assert.doesNotMatch(host.description, /times/);
    assert.equal(shown('web', 'web-1', 'port').icon, 'pass problemsWarningIcon.foreground');
  });

  it('says that a check was skipped since another one is unhealthy, and is not green', async () => {
    await stop('db');
    await open(`hosts: { web-1: { address: 127.0.0.1 }, db-1: { address: 127.0.0.1 } }
groups: { web: { hosts: web-1 }, db: { hosts: db-1 } }
checks:
  db: { type: tcp, port: ${port('db')}, on: db-1 }
  port: { type: tcp, port: ${port('web')}, on: web-1, after: db }
  page: { type: tcp, port: ${port('web')}, on: web-1, after: db }
`);
    await check(true);
    const why = 'not checked: “db” is unhealthy on db-1';
    const host = shown('web', 'web-1');
    assert.equal(host.icon, 'circle-slash testing.iconSkipped');
    assert.equal(host.description, `skipped: port, page · ${why}`);
    assert.equal(host.spoken, `web-1, skipped: port, page · ${why}`);
    assert.match(host.tooltip, /port: skipped\*\*/);
    assert.ok(host.tooltip.includes(why), host.tooltip);
    assert.match(historyText(fleet, 'web-1', 'port'), new RegExp(`skipped · ${why}\nThere is no result yet`));
    const group = shown('web');
    assert.equal(group.icon, 'circle-slash testing.iconSkipped');
    assert.equal(group.description, '0/1 healthy · 1 skipped');
    await service('db');
    await check(true);
    assert.equal(shown('web').description, '1/1 healthy');
    assert.equal(shown('web', 'web-1').icon, 'pass testing.iconPassed');
  });

  it('leads to a history that names the state where the last result is not it', async () => {
    await open(`hosts: { web-1: { address: 127.0.0.1 } }
checks:
  db: { type: tcp, port: ${port('db')} }
  port: { type: tcp, port: ${port('web')}, after: db, unhealthyAfter: 2 }
`);
    // As the feature keeps them.
    checks.onDidRecord(({ result, at }) => fleet.history.record(result, at));
    const state = () => /State +(.*)/.exec(historyText(fleet, 'web-1', 'port'))?.[1];
    await check(true);
    assert.match(state()!, /^healthy since /);
    await stop('web');
    await check(true);
    assert.equal(state(), 'healthy · unhealthy 1 of 2 times');
    await service('web');
    await stop('db');
    await check(true);
    assert.equal(state(), 'skipped · not checked: “db” is unhealthy on web-1');
  });
});
