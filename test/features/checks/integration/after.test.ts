import { describe, expect, it } from 'vitest';
import { type CheckOptions, planChecks, runChecks } from '../../../../src/features/checks/core/checkBatch';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import { parseInventory } from '../../../harness/inventories';
import { answering, leaveNothingOpen, rawServer } from './fixtures';

leaveNothingOpen();

const file = '/muster.yaml';

async function check(
  text: string,
  names: string[] = [],
  options: Partial<CheckOptions> = {},
  selectors: string[] = [],
) {
  const inventory = parseInventory(text, file);
  expect(inventory.problems).toEqual([]);
  const transport = new LocalTransport();
  try {
    const targets = planChecks(inventory, selectors, names);
    return await runChecks(targets, { transport, concurrency: 4, ...options });
  } finally {
    await transport.dispose();
  }
}

const statuses = (results: { host: string; check: string; status: string }[]) =>
  results.map(({ host, check: name, status }) => `${host} ${name} ${status}`);

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const hosts = `hosts:
  web-[1:2]: { address: 127.0.0.1 }
  db-[1:2]: { address: 127.0.0.1 }
`;
const tcp = (port: number, more: string) => `{ type: tcp, port: ${port}, timeout: 5s, ${more} }`;

describe('A check that comes after another one', () => {
  it('is skipped with the reason where that one is unhealthy on the same host, and made on the others', async () => {
    const [up, down] = [await answering('x'), await closedPort()];
    const { results, summary } = await check(`hosts:
  a: { address: 127.0.0.1, labels: { port: ${up} } }
  b: { address: 127.0.0.1, labels: { port: ${down} } }
checks:
  app: ${tcp(up, 'after: base')}
  base: { type: tcp, port: "{label.port}", timeout: 5s }
`);
    expect(statuses(results)).toEqual([
      'a app healthy',
      'a base healthy',
      'b app skipped',
      'b base unhealthy',
    ]);
    expect(results[2]).toMatchObject({
      message: 'not checked: “base” is unhealthy on b',
      error: { code: 'DEPENDENCY', causes: [expect.stringContaining('ECONNREFUSED')] },
    });
    expect(summary).toMatchObject({ healthy: 2, unhealthy: 1, skipped: 1 });
  });

  it('waits for all hosts of that one where it is not made on the same host', async () => {
    const [up, down] = [await answering('x'), await closedPort()];
    const text = (second: number) => `hosts:
  web: { address: 127.0.0.1 }
  db-1: { address: 127.0.0.1, labels: { port: ${up} } }
  db-2: { address: 127.0.0.1, labels: { port: ${second} } }
checks:
  app: ${tcp(up, 'on: web, after: [db]')}
  db: { type: tcp, on: "db-*", port: "{label.port}", timeout: 5s }
`;
    const fine = await check(text(up));
    expect(statuses(fine.results)).toEqual(['web app healthy', 'db-1 db healthy', 'db-2 db healthy']);
    const { results } = await check(text(down));
    expect(statuses(results)).toEqual(['web app skipped', 'db-1 db healthy', 'db-2 db unhealthy']);
    expect(results[0]!.message).toBe('not checked: “db” is unhealthy on db-2');
  });

  it('is skipped after a skipped one as well, with the beginning of the chain in its cause', async () => {
    const down = await closedPort();
    const { results } = await check(`hosts: { a: { address: 127.0.0.1 } }
checks:
  three: ${tcp(down, 'after: two')}
  two: ${tcp(down, 'after: one')}
  one: ${tcp(down, '')}
`);
    expect(statuses(results)).toEqual(['a three skipped', 'a two skipped', 'a one unhealthy']);
    expect(results[0]).toMatchObject({
      message: 'not checked: “two” was skipped on a',
      error: { causes: ['not checked: “one” is unhealthy on a'] },
    });
  });

  it('is made where that one is degraded only', async () => {
    const port = await answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const { results } = await check(`hosts: { a: { address: 127.0.0.1 } }
checks:
  slow: { type: http, url: "http://127.0.0.1:${port}/", timeout: 5s, expect: { maxLatency: { warn: 1ms, critical: 5s } } }
  next: ${tcp(port, 'after: slow')}
`);
    expect(results[1]).toMatchObject({ check: 'next', status: 'healthy' });
  });

  it.each([
    ['one at a time', { concurrency: 1 }],
    ['in batches of one', { serial: [{ count: 1 }] }],
    ['many at a time', { concurrency: 50 }],
  ])('begins when that one has ended, %s', async (_, options) => {
    const port = await answering('x');
    const ended: string[] = [];
    const text = `${hosts}checks:
  app: ${tcp(port, 'on: "web-*", after: [db, base]')}
  base: ${tcp(port, '')}
  db: ${tcp(port, 'on: "db-*", after: base')}
`;
    const { results } = await check(text, [], {
      ...options,
      onResult: ({ host, check: name }) => ended.push(`${name} ${host}`),
    });
    // The report keeps the order of the inventory.
    expect(results.map(({ host, check: name }) => `${name} ${host}`)).toEqual(
      ['app web-1', 'base web-1', 'app web-2', 'base web-2'].concat([
        'base db-1',
        'db db-1',
        'base db-2',
        'db db-2',
      ]),
    );
    const at = (what: string) => ended.indexOf(what);
    for (const db of ['db db-1', 'db db-2']) {
      expect(at(db)).toBeGreaterThan(at(db.replace('db ', 'base ')));
      expect(at('app web-1')).toBeGreaterThan(at(db));
      expect(at('app web-2')).toBeGreaterThan(at(db));
    }
    expect(at('app web-1')).toBeGreaterThan(at('base web-1'));
  });

  it('waits for the last attempt of that one', async () => {
    let asked = 0;
    const port = await rawServer((socket) => {
      socket.once('data', () =>
        socket.end(`HTTP/1.1 ${asked++ === 0 ? 503 : 200} X\r\nContent-Length: 0\r\n\r\n`),
      );
    });
    const { results } = await check(`hosts: { a: { address: 127.0.0.1 } }
checks:
  app: { type: http, url: "http://127.0.0.1:${port}/", timeout: 5s, after: base }
  base: { type: http, url: "http://127.0.0.1:${port}/", timeout: 5s, retries: 1, retryDelay: 1ms }
`);
    expect(results).toMatchObject([{ status: 'healthy' }, { status: 'healthy', attempts: 2 }]);
  });

  it('is made by itself where that one was not chosen', async () => {
    const [up, down] = [await answering('x'), await closedPort()];
    const text = `${hosts}checks:
  app: ${tcp(up, 'on: "web-*", after: db')}
  db: ${tcp(down, 'on: "db-*"')}
`;
    const { results } = await check(text, ['app']);
    expect(statuses(results)).toEqual(['web-1 app healthy', 'web-2 app healthy']);
    const chosen = await check(text, [], {}, ['web-1']);
    expect(statuses(chosen.results)).toEqual(['web-1 app healthy']);
  });
});

describe('An `after` in the inventory', () => {
  const problems = (checks: string) =>
    parseInventory(`hosts:\n  a:\nchecks:\n${checks}`, file).problems.map(
      ({ message, range, suggestion }) =>
        `${range.line}:${range.column} ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
    );

  it('must name checks', () => {
    expect(problems('  base: { type: ssh }\n  app: { type: ssh, after: [bsae] }\n')).toEqual([
      '5:29 no check “bsae” (base)',
    ]);
  });

  it('may name a check that is written further down, or has a mistake of its own', () => {
    expect(problems('  app: { type: ssh, after: base }\n  base: { type: ssh }\n')).toEqual([]);
    expect(problems('  app: { type: ssh, after: base }\n  base: { type: tcp }\n')).toHaveLength(1);
  });

  it.each([
    ['itself', '  a: { type: ssh, after: a }\n', ['4:26 cyclic after: a → a']],
    [
      'a circle',
      '  a: { type: ssh, after: b }\n  b: { type: ssh, after: [c] }\n  c: { type: ssh, after: a }\n',
      ['6:26 cyclic after: a → b → c → a'],
    ],
  ])('must not lead to %s', (_, checks, expected) => {
    expect(problems(checks)).toEqual(expected);
  });

  it('that is a circle keeps nobody waiting where the rest is used', async () => {
    const port = await answering('x');
    const inventory = parseInventory(
      `hosts: { a: { address: 127.0.0.1 } }\nchecks:\n  a: ${tcp(port, 'after: b')}\n  b: ${tcp(port, 'after: a')}\n`,
      file,
    );
    const transport = new LocalTransport();
    const { results } = await runChecks(planChecks(inventory), { transport, concurrency: 1 });
    await transport.dispose();
    expect(results.map(({ status }) => status)).toEqual(['healthy', 'healthy']);
  });

  it.each([
    ['retries: -1', 'expected a whole number from 0 to 100'],
    ['retries: 1.5', 'expected a whole number from 0 to 100'],
    ['unhealthyAfter: 0', 'expected a whole number from 1 to 100'],
    ['healthyAfter: many', 'expected a whole number from 1 to 100'],
    ['retryDelay: 5', '“5” has no unit: write 5ms or 5s'],
  ])('beside %s is refused', (setting, message) => {
    const [problem, ...others] = problems(`  a: { type: ssh, ${setting} }\n`);
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });
});
