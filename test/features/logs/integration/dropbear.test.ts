import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { startDropbear } from '../../../harness/dropbear';
import { muster } from '../../../harness/musterCli';
import { SshdFarm } from '../../../harness/sshd';

// dropbear leaves commands in the group of its own process for the connection.
it.runIf(userInfo().uid === 0)(
  'Logs of a host with dropbear are read once, over a connection that lives on',
  async () => {
    await using farm = await SshdFarm.create();
    await using dropbear = await startDropbear(farm);
    await farm.write('known_hosts', dropbear.knownHostsLine);
    const log = await farm.write('app.log', 'one\ntwo\n');
    const inventory = await farm.write(
      'muster.yaml',
      `defaults: { ssh: { port: ${dropbear.port}, identityFile: ${farm.clientKey}, knownHosts: known_hosts } }
hosts: { bear: { address: 127.0.0.1 } }
`,
    );
    const logs = ['logs', '-i', inventory, '--no-follow'];
    const { status, stdout, stderr } = await muster([
      ...logs,
      '--path',
      log,
      '--command',
      'echo three; exit 0',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toContain('disconnected');
    for (const line of ['one', 'two', 'three'])
      expect(stdout.match(new RegExp(` ${line}$`, 'gm'))).toHaveLength(1);
  },
);
