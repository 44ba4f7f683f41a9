import { expect, it } from 'vitest';
import { checks } from '../../../../src/features/checks/core/check';
import { answerProbe } from '../../../../src/features/serve/core/probeAnswer';
import { Slots } from '../../../../src/features/serve/core/slots';
import { parseInventory } from '../../../harness/inventories';

const inventory = parseInventory(
  'hosts: { a: { address: 127.0.0.1 } }\nchecks: { slow: { type: tcp, port: 80, timeout: 15s }, fast: { type: tcp, port: 80, timeout: 400ms } }\n',
  '/fleet/muster.yaml',
);

/** How long a probe may take, by the answer of one that takes no time. */
async function timeoutOf(module: string, header?: string, status: 'healthy' | 'skipped' = 'healthy') {
  let given: number | undefined;
  const answer = await answerProbe(
    {
      query: new URLSearchParams({ target: 'a', module }),
      headers: header === undefined ? {} : { 'x-prometheus-scrape-timeout-seconds': header },
      ...{ body: Buffer.alloc(0), signal: new AbortController().signal },
    },
    {
      inventory: () => inventory,
      slots: new Slots(1),
      check: ({ host, check }, { timeoutMs }) => {
        given = timeoutMs;
        return Promise.resolve({
          ...{ host: host.name, check: check.name, status, latencyMs: 1, message: 'x' },
          ...{ traceId: '', measurements: [] },
        });
      },
    },
  );
  return { given, answer };
}

it('knows the checks of its inventory', () => {
  expect([...inventory.section(checks).keys()]).toEqual(['slow', 'fast']);
});

it.each([
  // What a check says is a limit of its own: nothing is taken off it.
  ['slow', undefined, 15_000],
  ['fast', undefined, 400],
  ['fast', '10', 400],
  // Of the scrape's time a part is left for the way back.
  ['slow', '10', 9_500],
  ['slow', '120', 15_000],
  ['slow', '1.5', 1_000],
  ['slow', '0.8', 400],
  ['fast', '0.5', 250],
  // What makes no sense says nothing.
  ['slow', 'NaN', 15_000],
  ['slow', '-1', 15_000],
  ['slow', '0', 15_000],
  ['slow', '1e9', 15_000],
  ['slow', '10, 20', 15_000],
])('a probe by %s for a scraper with %s s may take %i ms', async (module, header, ms) => {
  expect((await timeoutOf(module, header)).given).toBe(ms);
});

it('a host of which nothing was found out is not down: the scrape fails', async () => {
  const { answer } = await timeoutOf('slow', undefined, 'skipped');
  expect(answer).toMatchObject({ status: 503, body: 'not probed: x\n' });
});
