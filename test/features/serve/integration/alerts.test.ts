import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../../src/features/serve/core/alerts/alert';
import {
  AlertmanagerPush,
  type PushTimes,
} from '../../../../src/features/serve/core/alerts/alertmanagerPush';
import { type ChangeEvent, WebhookPush } from '../../../../src/features/serve/core/alerts/webhookPush';
import { silentLogger } from '../../../../src/platform/host/host';
import { scratchFolder } from '../../../harness/scratchFolder';
import { until } from '../../../harness/until';
import { type Sink, startServe, startSink } from './startServe';

const hourMs = 3_600_000;
/** What is waited for comes by itself, and what is not never does. */
const times = {
  settle: 5,
  resend: hourMs,
  resolved: hourMs,
  answer: hourMs,
  backoff: { first: 20, most: 40 },
};
const alertNamed = (host: string): Alert => ({
  labels: { alertname: 'MusterCheckUnhealthy', host },
  annotations: { summary: 'x' },
  startsAt: Date.UTC(2026, 11, 2),
});

interface Posted {
  labels: { host: string };
  startsAt: string;
  endsAt: string;
  /** When it came. */
  isOver: boolean;
}
const postedTo = ({ asked }: Sink) =>
  asked.map(({ body, at }) =>
    (body as Omit<Posted, 'isOver'>[]).map((one) => ({ ...one, isOver: Date.parse(one.endsAt) <= at })),
  );
const isOver = (one: Posted) => one.isOver;

/** A push of what is in `firing`, and whom it warns. */
function pushTo(
  sink: Sink,
  firing: Alert[],
  { warnings = [], ...other }: Partial<PushTimes> & { warnings?: string[] } = {},
) {
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  return new AlertmanagerPush(
    { url: `${sink.url}/prefix/`, headers: { 'X-Team': 'ops' } },
    { firing: () => firing, logger, times: { ...times, ...other } },
  );
}

describe('An Alertmanager', () => {
  it('is sent what fires when it begins, again and again, and that it has ended', async () => {
    await using sink = await startSink();
    const firing: Alert[] = [];
    const push = pushTo(sink, firing, { resend: 50, resolved: 200 });
    firing.push(alertNamed('a'));
    push.changed();
    await until('it fires', () => postedTo(sink).filter((all) => all.length > 0).length >= 3);
    const [first] = postedTo(sink).filter((all) => all.length > 0);
    expect(first).toMatchObject([{ labels: { host: 'a' }, startsAt: '2026-12-02T00:00:00.000Z' }]);
    expect(sink.asked[0]).toMatchObject({ path: '/prefix/api/v2/alerts', headers: { 'x-team': 'ops' } });
    const [ended] = firing.splice(0);
    push.changed(ended);
    // It may have been restarted right after it took the end, so that is said again, but not for ever.
    await until('it ends', () => postedTo(sink).filter((all) => all.some(isOver)).length >= 2);
    firing.push(alertNamed('b'));
    push.changed();
    await until(
      'the end is old',
      () =>
        postedTo(sink)
          .at(-1)!
          .map(({ labels }) => labels.host)
          .join() === 'b',
    );
    await push.stop(1_000);
    expect(push).toMatchObject({ failed: 0, dropped: 0 });
  });

  it('that is away hears afterwards what is so then, and not what was', async () => {
    await using sink = await startSink();
    const warnings: string[] = [];
    const firing = [alertNamed('a'), alertNamed('b')];
    sink.status = 503;
    const push = pushTo(sink, firing, { warnings });
    await until('it was tried again', () => push.failed > 2);
    const [ended] = firing.splice(0, 1);
    push.changed(ended);
    sink.status = 200;
    await until('it is taken', () => push.sent > 0);
    const all = await until('the end is told', () => postedTo(sink).find((one) => one.some(isOver)));
    expect(all.map((one) => [one.labels.host, isOver(one)])).toEqual([
      ['b', false],
      ['a', true],
    ]);
    expect(warnings).toHaveLength(1);
    await push.stop(1_000);
  });

  it('hears nothing of the end of what fires again', async () => {
    await using sink = await startSink();
    sink.status = 500;
    const firing = [alertNamed('a')];
    const push = pushTo(sink, firing);
    push.changed(alertNamed('a'));
    await until('it was tried', () => push.failed > 0);
    sink.status = 200;
    await until('it is taken', () => push.sent > 0);
    await push.stop(1_000);
    expect(postedTo(sink).flat().filter(isOver)).toEqual([]);
  });

  it('gets 10,000 alerts in messages of 256, and not ever more of what ended while it was away', async () => {
    await using sink = await startSink();
    const firing = Array.from({ length: 10_000 }, (_, index) => alertNamed(`h${index}`));
    const push = pushTo(sink, firing);
    await until('all are taken', () => push.sent >= 10_000);
    expect(Math.max(...postedTo(sink).map(({ length }) => length))).toBe(256);
    await push.stop(1_000);
    sink.status = 500;
    const away = pushTo(sink, []);
    for (let index = 0; index < 12_000; index++) away.changed(alertNamed(`h${index}`));
    expect(away.dropped).toBe(2_000);
    await away.stop(100);
  });

  it('that takes its time holds nothing up when it stops', async () => {
    await using sink = await startSink();
    sink.holds = true;
    const push = pushTo(sink, [alertNamed('a')]);
    await until('it was asked', () => sink.asked.length > 0);
    // It would wait for an answer for an hour.
    await push.stop(100);
    expect(push.failed).toBe(1);
  });
});

describe('A webhook', () => {
  const event = (host: string): ChangeEvent => ({
    ...{ status: 'firing', host, check: 'health', verdict: 'unhealthy', message: 'x' },
    time: '2026-12-02T00:00:00.000Z',
  });
  const hosts = (sink: Sink) =>
    sink.asked.flatMap(({ body }) => (body as { events: ChangeEvent[] }).events).map(({ host }) => host);

  it('gets each change once and in order, also when it was away', async () => {
    await using sink = await startSink();
    const push = new WebhookPush({ url: sink.url, headers: {} }, silentLogger, times);
    sink.status = 502;
    for (const host of ['a', 'b']) push.send(event(host));
    await until('it was tried again', () => push.failed > 1);
    push.send(event('c'));
    sink.status = 204;
    await until('all are taken', () => push.sent === 3);
    await push.stop(100);
    expect(hosts(sink).slice(-3)).toEqual(['a', 'b', 'c']);
    expect(push.dropped).toBe(0);
  });

  it('is not asked again what it refuses, and the oldest goes when too much waits', async () => {
    await using sink = await startSink();
    const push = new WebhookPush({ url: sink.url, headers: {} }, silentLogger, times);
    sink.status = 400;
    push.send(event('a'));
    await until('it was refused', () => push.dropped === 1);
    await push.stop(100);
    expect(push).toMatchObject({ sent: 0, failed: 1 });
    sink.status = 503;
    const away = new WebhookPush({ url: sink.url, headers: {} }, silentLogger, times);
    for (let index = 0; index < 1_500; index++) away.send(event(`h${index}`));
    expect(away.dropped).toBe(500);
    await away.stop(100);
    expect(away.dropped).toBe(1_500);
  });

  it('does not follow a redirect with what it was given', async () => {
    await using sink = await startSink();
    sink.status = 307;
    const push = new WebhookPush({ url: sink.url, headers: {} }, silentLogger, times);
    push.send(event('a'));
    await until('it is given up', () => push.dropped === 1);
    await push.stop(100);
    expect(sink.asked).toHaveLength(1);
  });
});

describe('muster serve', () => {
  it('goes on checking while nobody takes its alerts', async () => {
    await using service = await startSink();
    await using silent = await startSink();
    silent.holds = true;
    service.status = 500;
    await using folder = await scratchFolder({
      'muster.yaml': `hosts: { web: { address: 127.0.0.1 } }
checks: { health: { type: http, url: "${service.url}/", interval: 1s } }
`,
    });
    await using serve = await startServe(folder, [
      '--alertmanager',
      silent.url,
      '--webhook',
      silent.url,
      '--grace',
      '1s',
    ]);
    await until('both were sent to', () => new Set(silent.asked.map(({ path }) => path)).size === 2);
    const before = service.asked.length;
    await until('it was checked again', () => service.asked.length >= before + 2);
    expect((await serve.get('/healthz')).status).toBe(200);
  });

  it('alerts when a check turns, flushes at its end, and goes on with the same start', async () => {
    await using service = await startSink();
    await using alertmanager = await startSink();
    await using hook = await startSink();
    await using folder = await scratchFolder({
      'muster.yaml': `hosts: { web: { address: 127.0.0.1 } }
checks: { health: { type: http, url: "${service.url}/", interval: 1s } }
`,
    });
    await writeFile(join(folder.path, 'hook'), `${hook.url}/?key=abc\nX-Key: abcdef\n`, { mode: 0o600 });
    const args = [
      '--alertmanager',
      alertmanager.url,
      '--webhook',
      '@hook',
      '--external-url',
      'https://ops.example/',
    ];
    service.status = 500;
    let startsAt: string;
    {
      await using serve = await startServe(folder, args);
      const fired = await until('it fires', () => postedTo(alertmanager).find((all) => all.length > 0));
      expect(fired).toMatchObject([
        {
          labels: {
            alertname: 'MusterCheckUnhealthy',
            severity: 'critical',
            host: 'web',
            check: 'health',
            type: 'http',
          },
          annotations: { summary: 'health on web is unhealthy' },
          generatorURL: 'https://ops.example/',
        },
      ]);
      startsAt = fired[0]!.startsAt;
      await until('the webhook hears it', () => hook.asked.length > 0);
      expect(hook.asked[0]).toMatchObject({
        headers: { 'x-key': 'abcdef' },
        body: {
          version: '1',
          source: 'muster',
          events: [{ status: 'firing', host: 'web', check: 'health', verdict: 'unhealthy' }],
        },
      });
      serve.kill('SIGTERM');
      expect((await serve.ended).status).toBe(0);
      // That it stops watching does not end the alert.
      expect(postedTo(alertmanager).flat().filter(isOver)).toEqual([]);
    }
    const before = alertmanager.asked.length;
    await using again = await startServe(folder, args);
    const fired = await until('it fires still', () =>
      postedTo(alertmanager)
        .slice(before)
        .find((all) => all.length > 0),
    );
    expect(fired[0]!.startsAt).toBe(startsAt);
    service.status = 200;
    await until('it is resolved', () => postedTo(alertmanager).slice(before).flat().some(isOver));
    await until('the webhook hears it', () => JSON.stringify(hook.asked.at(-1)?.body).includes('"resolved"'));
    expect(again.said()).not.toContain('abcdef');
  });
});
