import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCore } from '../../src/engine/createCore';
import type { Series } from '../../src/features/metrics/core/reading';
import { planMetrics } from '../../src/features/metrics/core/readMetrics';
import { denyingAuthority, silentLogger } from '../../src/platform/host/host';
import { parseInventory } from '../harness/inventories';
import { freePort } from '../harness/ports';
import { until } from '../harness/until';

/** Sources of metrics beside the programs that other people read them with, on this machine. */

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'muster-metrics-'))));
afterAll(() => rm(folder, { recursive: true }));

/** What each of the sources says on this machine, and what cannot be read. */
async function read(
  sources: string,
): Promise<{ readings: Record<string, readonly Series[]>; failures: string }> {
  const core = createCore({
    ...{ logger: silentLogger, authority: denyingAuthority },
    knownHostsFile: join(folder, 'known_hosts'),
  });
  try {
    const text = `hosts: { here: { transport: local } }\nmetrics:\n${sources}`;
    core.inventory = parseInventory(text, join(folder, 'muster.yaml'));
    const readings: Record<string, readonly Series[]> = {};
    const { results } = await core.readMetrics(planMetrics(core.inventory, []), {
      timeoutMs: 60_000,
      onReading: ({ entry }, { series }) => void (readings[entry.name] = series),
    });
    return { readings, failures: JSON.stringify(results) };
  } finally {
    await core.dispose();
  }
}

/** Runs a program while the work is done. */
async function beside(
  [command, ...words]: readonly [string, ...string[]],
  work: () => Promise<void>,
  {
    endedBy = 'SIGINT',
    ...options
  }: { uid?: number; cwd?: string; env?: NodeJS.ProcessEnv; endedBy?: NodeJS.Signals } = {},
): Promise<void> {
  const child = spawn(command, words, { stdio: 'ignore', ...options });
  const ended = once(child, 'close');
  try {
    await work();
  } finally {
    child.kill(endedBy);
    await ended;
  }
}

/** A folder for the data of a server that refuses to run as root, and as whom it runs. */
async function folderOf(user: string): Promise<{ uid: number; data: string }> {
  const isRoot = process.getuid?.() === 0;
  const uid = isRoot ? Number(execFileSync('id', ['-u', user])) : process.getuid!();
  const data = await mkdtemp(join(tmpdir(), `muster-${user}-`));
  await chown(data, uid, -1);
  return { uid, data };
}

it('/proc says what node_exporter says', async () => {
  const port = await freePort();
  await beside(['prometheus-node-exporter', `--web.listen-address=127.0.0.1:${port}`], async () => {
    const readings = await until('node_exporter answers', async () => {
      const found = await read(
        `  ours: { type: linux }\n  theirs: { type: prometheus, url: "http://127.0.0.1:${port}/metrics" }\n`,
      );
      return found.readings['theirs'] && found.readings;
    });
    // Ours does not know the type of a file system.
    const valuesOf = (source: string) =>
      new Map(
        readings[source]!.map(({ name, labels, value }) => {
          const shown = labels
            .filter((label) => label.name !== 'fstype')
            .map((label) => `${label.name}=${label.value}`);
          return [`${name} ${shown.sort().join()}`, value] as const;
        }),
      );
    const [ours, theirs] = [valuesOf('ours'), valuesOf('theirs')];
    const both = [...ours].filter(([key]) => theirs.has(key));
    expect(both.length).toBeGreaterThan(100);
    // Numbers that move meanwhile are close; most do not.
    const far = both.filter(([key, value]) => {
      const other = theirs.get(key)!;
      return Math.abs(value - other) > 0.2 * Math.max(Math.abs(value), Math.abs(other)) + 200;
    });
    expect(
      far.map(([key]) => key).filter((key) => !/free|avail|cached|dirty|writeback|inactive/i.test(key)),
    ).toEqual([]);
    for (const name of ['node_memory_MemTotal_bytes', 'node_filefd_maximum', 'node_boot_time_seconds'])
      expect(ours.get(`${name} `)).toBe(theirs.get(`${name} `));
  });
});

it('a JVM is read without a JDK, and its arguments are not', async () => {
  const file = join(folder, 'Idle.java');
  await writeFile(
    file,
    `public class Idle {
      public static void main(String[] a) throws Exception {
        System.gc();
        java.nio.file.Files.createFile(java.nio.file.Path.of(a[0]));
        Thread.sleep(600000);
      }
    }`,
  );
  execFileSync('javac', ['-d', folder, file]);
  const collected = join(folder, 'collected');
  await beside(
    ['java', '-Xmx64m', '-XX:+UseSerialGC', '-cp', folder, 'Idle', collected, '--password=hunter2'],
    async () => {
      // A JVM counts a collection when that begins, and says what is in use when it has ended.
      await until('the JVM has collected', () => existsSync(collected));
      const { series, failures } = await until('the JVM is read', async () => {
        const { readings, failures } = await read('  java: { type: jvm, process: ^Idle$ }\n');
        const series = readings['java'] ?? [];
        const hasCollected = series.some(
          ({ name, value }) => name === 'sun.gc.collector.1.invocations' && value > 0,
        );
        return hasCollected ? { series, failures } : undefined;
      });
      const one = (wanted: string) => series.find(({ name }) => name === wanted);
      expect(one('sun.gc.collector.1.invocations')).toMatchObject({
        value: 1,
        kind: 'counter',
        labels: [{ name: 'main', value: 'Idle' }],
      });
      expect(one('java.threads.live')?.value).toBeGreaterThan(1);
      expect(one('sun.gc.generation.1.space.0.used')?.value).toBeGreaterThan(1000);
      expect(JSON.stringify(series) + failures).not.toContain('hunter2');
    },
  );
});

it('PostgreSQL is asked by its own client', async () => {
  const [version] = (await readdir('/usr/lib/postgresql')).sort().reverse();
  const programs = `/usr/lib/postgresql/${version}/bin`;
  const { uid, data } = await folderOf('postgres');
  const port = await freePort();
  try {
    execFileSync(join(programs, 'initdb'), ['-A', 'trust', '-U', 'tester', '-D', join(data, 'd')], {
      ...{ uid, cwd: data, stdio: 'ignore' },
    });
    await beside(
      [join(programs, 'postgres'), '-D', join(data, 'd'), '-h', '', '-p', String(port), '-k', data],
      async () => {
        const source = `  pg: { type: postgres, address: ${data}, port: ${port}, user: tester }\n`;
        const series = await until('PostgreSQL answers', async () => (await read(source)).readings['pg']);
        const one = (wanted: string, datname?: string) =>
          series.find(
            ({ name, labels }) =>
              name === wanted && (datname === undefined || labels.some(({ value }) => value === datname)),
          );
        expect(one('pg_settings_max_connections')?.value).toBe(100);
        expect(one('pg_replication_is_replica')?.value).toBe(0);
        expect(one('pg_stat_database_numbackends', 'postgres')?.value).toBe(1);
        expect(one('pg_stat_database_xact_commit', 'postgres')?.value).toBeGreaterThanOrEqual(0);
        expect(one('pg_stat_activity_count')).toMatchObject({
          labels: [{ name: 'state', value: 'active' }],
          value: 1,
        });
        expect(series.some(({ name }) => /checkpoint/.test(name))).toBe(true);
      },
      { uid, cwd: data },
    );
  } finally {
    await rm(data, { recursive: true });
  }
});

it('MariaDB is asked by its own client', async () => {
  const { uid, data } = await folderOf('mysql');
  const socket = join(data, 'socket');
  const own = ['--no-defaults', `--datadir=${join(data, 'd')}`];
  // The folder for temporary files that the tests inherit is not this user's.
  const env = { ...process.env, TMPDIR: data };
  try {
    execFileSync('mariadb-install-db', [...own, '--auth-root-authentication-method=normal'], {
      ...{ uid, cwd: data, env, stdio: 'ignore' },
    });
    await beside(
      ['/usr/sbin/mariadbd', ...own, `--socket=${socket}`, '--skip-networking'],
      async () => {
        const source = `  db: { type: mysql, socket: ${socket}, user: root }\n`;
        const series = await until('MariaDB answers', async () => (await read(source)).readings['db']);
        const one = (name: string) => series.find((found) => found.name === name);
        expect(one('mysql_max_connections')).toMatchObject({ kind: 'gauge', value: 151 });
        expect(one('mysql_read_only')?.value).toBe(0);
        expect(one('mysql_threads_connected')).toMatchObject({ kind: 'gauge', value: 1 });
        expect(one('mysql_com_select')?.kind).toBe('counter');
        expect(one('mysql_innodb_page_size')?.value).toBe(16384);
        const client = [
          '--no-defaults',
          `--socket=${socket}`,
          '--user=root',
          '--batch',
          '--skip-column-names',
        ];
        const status = execFileSync('mariadb', [...client, '-e', 'SHOW GLOBAL STATUS'], { encoding: 'utf8' });
        const numbers = status
          .split('\n')
          .flatMap((line) => /^(\w+)\t(?:\d+(?:\.\d+)?|ON|OFF)$/.exec(line)?.[1] ?? [])
          .map((name) => `mysql_${name.toLowerCase()}`);
        expect(numbers.length).toBeGreaterThan(300);
        // A number that names something is none.
        expect(numbers.filter((name) => !one(name) && !name.endsWith('_id'))).toEqual([]);
        expect(series.filter(({ kind }) => kind === 'counter').length).toBeGreaterThan(200);
      },
      { uid, cwd: data, env, endedBy: 'SIGTERM' },
    );
  } finally {
    await rm(data, { recursive: true });
  }
});
