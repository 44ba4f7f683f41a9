import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtcdFarm } from '../../../harness/etcd';
import { muster } from '../../../harness/musterCli';
import { scratchFolder, type ScratchFolder } from '../../../harness/scratchFolder';
import { until } from '../../../harness/until';
import { sample, startServe } from './startServe';

let farm: EtcdFarm;
let folder: ScratchFolder;
let inventory: (command: string) => string;
beforeAll(async () => {
  farm = await EtcdFarm.start();
  folder = await scratchFolder();
  inventory = (command) => `hosts:
  here: { address: 127.0.0.1, transport: local }
  fixed: { address: 127.0.0.1, transport: local }
groups:
  locked: { hosts: [fixed], readOnly: true }
checks:
  there: { type: command, on: here, run: "test -s ${join(folder.path, 'ran.txt')}", interval: 1d }
etcd:
  main:
    endpoints: ["${farm.endpoints[0]}"]
    prefix: /config/
    onChange:
      reload: { keys: "app/**", on: here, run: "${command}", check: [there], settle: 100ms }
      locked: { keys: "locked/**", on: fixed, run: "touch locked.txt", settle: 100ms }
`;
});
afterAll(async () => {
  await farm[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const put = (key: string, value = '1') => farm.etcdctl('put', `/config/${key}`, value);
const ran = async () =>
  (await readFile(join(folder.path, 'ran.txt'), 'utf8').catch(() => '')).split('\n').length - 1;
const outcome = (text: string, rule: string, what: string) =>
  sample(text, `muster_rule_changes_total{cluster="main",rule="${rule}",outcome="${what}"}`);

describe('Rules of onChange in muster serve', () => {
  it('run by a consent only, each change once, and go on where they were', async () => {
    const command = `echo ran >> ${join(folder.path, 'ran.txt')}`;
    await folder.write('muster.yaml', inventory(command));
    const args = ['--verbose', '--consents', 'consents'];
    await folder.write('consents', '');

    const listed = await muster(['serve', '--list-consents'], { cwd: folder.path });
    expect(listed.stdout).toMatch(
      /^[\da-f]{64} main\/reload echo ran >> .*\n[\da-f]{64} main\/locked touch locked.txt\n$/,
    );
    {
      await using serve = await startServe(folder, args);
      const after = async (rule: string, what: string, value: number) =>
        until(`${rule} ${what}`, async () => {
          const { text } = await serve.get('/metrics');
          return outcome(text, rule, what) === value;
        }).catch((error: unknown) => Promise.reject(new Error(`${String(error)}\n${serve.said()}`)));
      await until('it follows', async () =>
        sample((await serve.get('/metrics')).text, 'muster_rule_watch_connected{cluster="main"}'),
      );
      await put('app/a');
      await after('reload', 'refused', 1);
      expect(serve.said()).toContain('it has no consent');
      expect(await ran()).toBe(0);

      await writeFile(join(folder.path, 'consents'), listed.stdout);
      serve.kill('SIGHUP');
      await until('the consents are read', async () =>
        sample((await serve.get('/metrics')).text, 'muster_inventory_reloads_total{outcome="taken"}'),
      );
      await put('app/a', 'secretsecret');
      await after('reload', 'ran', 1);
      expect(await ran()).toBe(1);
      // The check of the rule was made out of turn.
      expect(
        sample(
          (await serve.get('/metrics')).text,
          'muster_check_status{host="here",check="there",status="healthy"}',
        ),
      ).toBe(1);
      await put('locked/a');
      await after('locked', 'refused', 1);
      expect(serve.said()).toContain('hosts are read-only');
      await put('other/a');
      expect(serve.said()).not.toContain('secretsecret');
      serve.kill('SIGTERM');
      await serve.ended;
    }
    // What changes meanwhile is one change, and is acted on once.
    await put('app/b');
    await put('app/c');
    for (const runs of [2, 2]) {
      await using serve = await startServe(folder, args);
      await until('it follows', async () =>
        sample((await serve.get('/metrics')).text, 'muster_rule_watch_connected{cluster="main"}'),
      );
      await until('it has run', async () => (await ran()) === runs);
      await put(`other/${runs}`);
      serve.kill('SIGTERM');
      await serve.ended;
    }
    expect(await ran()).toBe(2);
  });

  it('say what is unknown, and run nothing for it: revisions that were compacted, and a run that was cut off', async () => {
    const command = `echo ran >> ${join(folder.path, 'ran.txt')}`;
    await folder.write('muster.yaml', inventory(command));
    const listed = await muster(['serve', '--list-consents'], { cwd: folder.path });
    await writeFile(join(folder.path, 'consents'), listed.stdout);
    const file = join(folder.path, 'state.json');
    const state = JSON.parse(await readFile(file, 'utf8')) as {
      rules: Record<string, { underWay?: boolean }>;
    };
    state.rules['main/reload']!.underWay = true;
    await writeFile(file, JSON.stringify(state), { mode: 0o600 });
    const before = await ran();
    for (const key of ['x', 'y', 'z']) await put(`other/${key}`);
    const answer = JSON.parse(await farm.etcdctl('get', '/config/other/z', '-w', 'json')) as {
      header: { revision: number };
    };
    await farm.compact(answer.header.revision);
    await using serve = await startServe(folder, ['--verbose', '--consents', 'consents']);
    await until('the gap is said', () => /revisions \d+ to \d+ are unknown/.test(serve.said()));
    expect(serve.said()).toContain('it does not run again, check the hosts');
    await until('it is refused', async () =>
      outcome((await serve.get('/metrics')).text, 'reload', 'refused'),
    );
    expect(await ran()).toBe(before);
  });

  it('say so when the cluster has another history', async () => {
    const file = join(folder.path, 'state.json');
    const state = JSON.parse(await readFile(file, 'utf8')) as { rules: Record<string, object> };
    for (const name of ['main/reload', 'main/locked']) state.rules[name] = { revision: 1_000_000 };
    await writeFile(file, JSON.stringify(state), { mode: 0o600 });
    const before = await ran();
    await using serve = await startServe(folder, ['--verbose', '--consents', 'consents']);
    await until('it is said', () => serve.said().includes('its history is another'));
    await until('it follows', async () =>
      sample((await serve.get('/metrics')).text, 'muster_rule_watch_connected{cluster="main"}'),
    );
    await put('app/d');
    await until('it runs for what comes', async () => (await ran()) === before + 1);
  });
});
