import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'mocha';
import type { MusterError } from '../../../../src/platform/errors/errors';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import { until } from '../../../harness/until';
import { activeMuster, row, rows, rowWhen, type Muster } from '../../../harness/editor/muster';
import { SshdWorkspace } from '../../../harness/editor/sshdWorkspace';

const loopback = '127.0.0.1';

describe('Forwarded ports', () => {
  let muster: Muster;
  let hosts: SshdWorkspace;
  let fleet: Fleet;
  let server: Server;
  let port: number;
  let inventory: string;

  before(async () => {
    muster = await activeMuster();
    hosts = await SshdWorkspace.create(3);
    server = createServer((_, response) => response.end('x'.repeat(5_000))).listen(0, loopback);
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    const [bastion, inner] = hosts.daemons;
    inventory = `hosts:
  bastion: { ${hosts.host(bastion!)} }
  inner: { ${hosts.host(inner!, ', proxyJump: bastion')} }
  kept: { ${hosts.host(bastion!)} }
`;
    fleet = await hosts.show(inventory);
  });
  afterEach(async () => {
    await muster.forwards.closeAll();
    fleet = await hosts.show(inventory);
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await hosts[Symbol.asyncDispose]();
  });

  const get = async (localPort: number) =>
    (await (await fetch(`http://${loopback}:${localPort}/`, { headers: { connection: 'close' } })).text())
      .length;
  const target = () => ({ address: loopback, port, localPort: 0 });
  const request = (usedBy = 'Profiles') => ({ address: loopback, port, usedBy });
  const listens = (localPort: number) =>
    get(localPort).then(
      () => true,
      () => false,
    );

  it('lead through a bastion to a server on the loopback of the host behind it', async () => {
    const { port: forward } = await muster.forwards.start(fleet, 'inner', target());
    assert.equal(await get(forward.port), 5_000);
    const below = await rowWhen(muster, ['inner', `localhost:${forward.port} → ${port}`], ({ description }) =>
      description.includes('0 open · 1 so far'),
    );
    assert.match(below.description, /↓ 5\.\d KB ↑ \d+ B/);
    assert.equal(below.icon, 'arrow-swap');
  });

  it('that features use are shared, name who uses them, and end with the last', async () => {
    const one = await muster.forwards.open(fleet, 'bastion', request());
    const [two, three] = await Promise.all([
      muster.forwards.open(fleet, 'bastion', request('etcd')),
      muster.forwards.open(fleet, 'bastion', request('etcd')),
    ]);
    assert.deepEqual([two.localPort, three.localPort], [one.localPort, one.localPort]);
    const name = `localhost:${one.localPort} → ${port}`;
    assert.match(row(muster, 'bastion', name)!.description, /^for Profiles, etcd · /);
    one.dispose();
    two.dispose();
    assert.equal(await get(one.localPort), 5_000);
    assert.match(row(muster, 'bastion', name)!.description, /^for etcd · /);
    three.dispose();
    await until('a closed port', async () => !(await listens(one.localPort)));
    assert.equal(one.gone.aborted, true);
    assert.deepEqual(rows(muster, row(muster, 'bastion')), []);
  });

  it('that are opened at the same time are one', async () => {
    const uses = await Promise.all(
      Array.from({ length: 20 }, () => muster.forwards.open(fleet, 'bastion', request())),
    );
    assert.equal(new Set(uses.map(({ localPort }) => localPort)).size, 1);
    assert.equal(muster.forwards.all.length, 1);
    for (const use of uses) use.dispose();
    assert.equal(muster.forwards.all.length, 0);
  });

  it('of the user stay when a feature that shared them has ended', async () => {
    const use = await muster.forwards.open(fleet, 'bastion', request());
    const own = await muster.forwards.start(fleet, 'bastion', target());
    assert.equal(own.port.port, use.localPort);
    use.dispose();
    assert.equal(await get(own.port.port), 5_000);
    const elsewhere = await muster.forwards.start(fleet, 'kept', target());
    assert.notEqual(elsewhere.port.port, own.port.port);
  });

  it('are given back by a signal, and tell a feature when the user stops them', async () => {
    const controller = new AbortController();
    const use = await muster.forwards.open(fleet, 'bastion', request(), controller.signal);
    controller.abort();
    await until('a closed port', async () => !(await listens(use.localPort)));
    await assert.rejects(muster.forwards.open(fleet, 'bastion', request(), controller.signal), {
      code: 'CANCELLED',
    });
    assert.equal(muster.forwards.all.length, 0);

    const other = await muster.forwards.open(fleet, 'bastion', request());
    await muster.forwards.closeAll();
    assert.equal((other.gone.reason as MusterError).code, 'CANCELLED');
    other.dispose();
  });

  it('end when an edit removes their host; others go on', async () => {
    const gone = await muster.forwards.start(fleet, 'inner', target());
    const kept = await muster.forwards.start(fleet, 'kept', target());
    fleet = await hosts.show(inventory.replace(/ {2}inner:.*\n/, ''));
    await until('a closed port', async () => !(await listens(gone.port.port)));
    assert.equal((gone.gone.reason as MusterError).code, 'INVENTORY');
    assert.equal(await get(kept.port.port), 5_000);
    await assert.rejects(muster.forwards.start(fleet, 'inner', target()), { code: 'USAGE' });
  });

  it('reach their host as an edit says, from the next connection on', async () => {
    const third = hosts.daemons[2]!;
    const { port: forward } = await muster.forwards.start(fleet, 'kept', target());
    await get(forward.port);
    assert.equal(third.logins, 0);
    fleet = await hosts.show(inventory.replace(/ {2}kept:.*\n/, `  kept: { ${hosts.host(third)} }\n`));
    await until('the new address', () => fleet.inventory!.hosts.get('kept')!.ssh.port === third.port);
    assert.equal(await get(forward.port), 5_000);
    await until('a login there', () => third.logins === 1);
  });

  it('say why the last connection failed, below the host', async () => {
    const { port: forward } = await muster.forwards.start(fleet, 'bastion', {
      ...{ address: loopback, port: 1, localPort: 0 },
    });
    await assert.rejects(get(forward.port));
    const below = await rowWhen(
      muster,
      ['bastion', `localhost:${forward.port} → 1`],
      ({ icon }) => icon === 'warning',
    );
    assert.match(below.description, /refused/i);
  });
});
