import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, decode, encode, type Packet, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDnsmasq } from '../../../harness/dnsmasq';
import { freePort } from '../../../harness/ports';
import { leaveNothingOpen, name, probe, probeError, rawServer } from './fixtures';

leaveNothingOpen();

let server: Awaited<ReturnType<typeof startDnsmasq>>;
let resolver: string;
beforeAll(async () => {
  server = await startDnsmasq([
    'host-record=api.test,10.0.0.5,2001:db8::5',
    'host-record=api.test,10.0.0.6',
    `host-record=${name},127.0.0.1`,
    'cname=www.test,api.test',
    'mx-host=test,mail.test,10',
    'srv-host=_http._tcp.test,api.test,8080,5,7',
    'txt-record=texts.test,v=spf1 -all',
    `txt-record=long.test,${Array.from({ length: 9 }, (_, part) => String(part).repeat(200)).join(',')}`,
    'ptr-record=5.0.0.10.in-addr.arpa,api.test',
    'caa-record=test,0,issue,letsencrypt.org',
  ]);
  resolver = `127.0.0.1:${server.port}`;
});
afterAll(() => server[Symbol.asyncDispose]());

/** A server that does as it is told with each question, and closes with the test. */
async function hostile(
  serve: (question: Packet, reply: (message: Buffer) => void, remote: RemoteInfo) => void,
): Promise<{ resolver: string } & AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.on('message', (message, remote) =>
    serve(decode(message), (answer) => socket.send(answer, remote.port, remote.address), remote),
  );
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    resolver: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const answerTo = ({ id, questions }: Packet, data: string, change: Partial<Packet> = {}) =>
  encode({
    ...{ type: 'response', id, questions },
    answers: [{ type: 'A', name: questions![0]!.name, ttl: 60, data }],
    ...change,
  });

describe('a dns check', () => {
  it('is healthy when the name server has records of the type', async () => {
    const finding = await probe('dns', { name: 'api.test', resolver });
    expect(finding).toMatchObject({ status: 'healthy' });
    expect(finding.message).toMatch(/^10\.0\.0\.[56], 10\.0\.0\.[56], for 300 s$/);
    expect(Object.keys(finding.phases!)).toEqual(['dns', 'total']);
    expect(finding.measurements).toEqual(
      expect.arrayContaining([
        { name: 'dns.answer.records', value: 2, unit: '1' },
        { name: 'dns.answer.ttl', value: 300, unit: 's' },
      ]),
    );
  });

  it.each([
    ['AAAA', 'api.test', '2001:DB8:0::5'],
    ['CNAME', 'www.test', 'API.test.'],
    ['A', 'www.test', '10.0.0.6'],
    ['MX', 'test', '10 mail.test'],
    ['SRV', '_http._tcp.test', '5 7 8080 api.test'],
    ['TXT', 'texts.test', 'v=spf1 -all'],
    ['PTR', '10.0.0.5', 'api.test'],
    ['PTR', '5.0.0.10.in-addr.arpa', 'api.test'],
    ['CAA', 'test', '0 issue "letsencrypt.org"'],
  ])('finds the record %s of %s, however it is written', async (record, asked, answer) => {
    const check = { name: asked, record, resolver, expect: { answers: [answer] } };
    expect(await probe('dns', check)).toMatchObject({ status: 'healthy' });
  });

  it('knows the host by its placeholders', async () => {
    const check = { name: '{name}', resolver, expect: { answers: ['{address}'], exactly: true } };
    expect(await probe('dns', check)).toMatchObject({ status: 'healthy' });
    const own = { name: 'api.test', resolver: `{address}:${server.port}` };
    expect(await probe('dns', own)).toMatchObject({ status: 'healthy' });
  });

  it('is unhealthy when a record is missing, or there are others', async () => {
    const missing = { name: 'api.test', resolver, expect: { answers: ['10.0.0.5', '10.0.0.7'] } };
    expect(await probe('dns', missing)).toMatchObject({
      status: 'unhealthy',
      mismatch: { expected: 'A records 10.0.0.5, 10.0.0.7', actual: expect.stringContaining('10.0.0.6') },
    });
    const others = { name: 'api.test', resolver, expect: { answers: ['10.0.0.5'], exactly: true } };
    expect(await probe('dns', others)).toMatchObject({
      status: 'unhealthy',
      mismatch: { expected: 'A records 10.0.0.5 and no others' },
    });
    expect(await probe('dns', { name: 'api.test', record: 'MX', resolver })).toMatchObject({
      status: 'unhealthy',
      mismatch: { expected: 'MX records', actual: 'none' },
    });
  });

  it('judges the code of the answer: a name that must not exist is healthy when it does not', async () => {
    expect(await probe('dns', { name: 'gone.test', resolver })).toMatchObject({
      status: 'unhealthy',
      mismatch: { expected: 'NOERROR', actual: 'NXDOMAIN' },
    });
    const absent = { name: 'gone.test', resolver, expect: { code: 'NXDOMAIN' } };
    expect(await probe('dns', absent)).toMatchObject({ status: 'healthy', message: 'NXDOMAIN' });
    const refused = { name: 'example.com', resolver, expect: { code: 'REFUSED' } };
    expect(await probe('dns', refused)).toMatchObject({ status: 'healthy', message: 'REFUSED' });
  });

  it('judges the time to live', async () => {
    const check = (ttl: object) => probe('dns', { name: 'api.test', resolver, expect: { ttl } });
    expect(await check({ gte: 300 })).toMatchObject({ status: 'healthy' });
    expect(await check({ warn: { gte: 3600 } })).toMatchObject({
      status: 'degraded',
      mismatch: { expected: 'time to live in seconds >= 3600', actual: '300' },
    });
  });

  it('asks over TCP, and when the answer over UDP was cut', async () => {
    const whole = Array.from({ length: 9 }, (_, part) => String(part).repeat(200)).join('');
    const cut = await probe('dns', {
      name: 'long.test',
      record: 'TXT',
      resolver,
      expect: { answers: [whole] },
    });
    expect(cut).toMatchObject({ status: 'healthy' });
    expect(Object.keys(cut.phases!)).toEqual(['dns', 'connect', 'firstByte', 'total']);
    const tcp = await probe('dns', { name: 'api.test', resolver, protocol: 'tcp' });
    expect(tcp).toMatchObject({ status: 'healthy' });
    expect(Object.keys(tcp.phases!)).toEqual(['connect', 'firstByte', 'total']);
  });

  it('asks again when a packet was lost', async () => {
    let asked = 0;
    await using lossy = await hostile((question, reply) => {
      if (++asked === 2) reply(answerTo(question, '10.0.0.1'));
    });
    expect(await probe('dns', { name: 'a.test', resolver: lossy.resolver })).toMatchObject({
      status: 'healthy',
    });
    expect(asked).toBe(2);
  });

  it('takes no answer but that to its question', async () => {
    await using liar = await hostile((question, reply) => {
      reply(Buffer.from('no'));
      reply(answerTo(question, '6.6.6.6', { id: (question.id! + 1) % 0x1_0000 }));
      reply(answerTo(question, '6.6.6.6', { type: 'query' }));
      reply(answerTo(question, '6.6.6.6', { questions: [{ type: 'A', name: 'other.test', class: 'IN' }] }));
      reply(answerTo(question, '10.0.0.1'));
    });
    const check = {
      name: 'a.test',
      resolver: liar.resolver,
      expect: { answers: ['10.0.0.1'], exactly: true },
    };
    expect(await probe('dns', check)).toMatchObject({ status: 'healthy' });
  });

  it('says that an answer is damaged, whatever the damage', async () => {
    const damages: ((message: Buffer) => Buffer)[] = [
      (message) => message.subarray(0, -2),
      // A name that points to itself.
      (message) => Buffer.concat([message.subarray(0, 12), Buffer.from([0xc0, 12]), message.subarray(12)]),
      (message) => Buffer.concat([message.subarray(0, 4), Buffer.alloc(8, 0xff), message.subarray(12)]),
    ];
    for (const damage of damages) {
      await using broken = await hostile((question, reply) => reply(damage(answerTo(question, '10.0.0.1'))));
      expect(await probeError('dns', { name: 'a.test', resolver: broken.resolver })).toMatchObject({
        code: 'PROTOCOL',
        phase: 'request',
        message: expect.stringContaining('sent an answer that cannot be read'),
      });
    }
  });

  it('shows what a server says in one line, without control characters', async () => {
    await using rude = await hostile((question, reply) =>
      reply(
        answerTo(question, '', {
          answers: [{ type: 'TXT', name: 'a.test', ttl: 60, data: 'a\n\x1b[31mred' } satisfies Answer],
        }),
      ),
    );
    const finding = await probe('dns', { name: 'a.test', record: 'TXT', resolver: rude.resolver });
    expect(finding.message).not.toMatch(/[\n\x1b]/);
  });

  it('tells a silent server from a closed port', async () => {
    await using silent = await hostile(() => {});
    expect(
      await probeError('dns', { name: 'a.test', resolver: silent.resolver }, { timeoutMs: 200 }),
    ).toMatchObject({ code: 'TIMEOUT', phase: 'request' });
    const closed = `127.0.0.1:${await freePort()}`;
    expect(await probeError('dns', { name: 'a.test', resolver: closed })).toMatchObject({ code: 'REFUSED' });
    const gone = await rawServer((socket) => void socket.end());
    const overTcp = { name: 'a.test', resolver: `127.0.0.1:${gone}`, protocol: 'tcp' };
    expect(await probeError('dns', overTcp)).toMatchObject({ code: 'PROTOCOL', phase: 'request' });
  });

  it('ends with a server that goes on and on over TCP', async () => {
    const endless = await rawServer((socket) => {
      socket.once('data', () => {
        const drip = setInterval(() => socket.write(Buffer.from([0xff])), 5);
        socket.on('close', () => clearInterval(drip));
      });
    });
    const check = { name: 'a.test', resolver: `127.0.0.1:${endless}`, protocol: 'tcp' };
    expect(await probeError('dns', check, { timeoutMs: 200 })).toMatchObject({ code: 'TIMEOUT' });
  });

  it('waits for the name of a name server no longer than it has time', async () => {
    const check = { name: 'a.test', resolver: 'localhost' };
    expect(await probeError('dns', check, { signal: AbortSignal.abort() })).toMatchObject({
      code: 'CANCELLED',
      phase: 'dns',
    });
  });

  it('asks for recursion unless it is told not to', async () => {
    const flags: number[] = [];
    await using recorder = await hostile((question, reply) => {
      flags.push(question.flags! & (RECURSION_DESIRED | TRUNCATED_RESPONSE));
      reply(answerTo(question, '10.0.0.1'));
    });
    await probe('dns', { name: 'a.test', resolver: recorder.resolver });
    await probe('dns', { name: 'a.test', resolver: recorder.resolver, recursion: false });
    expect(flags).toEqual([RECURSION_DESIRED, 0]);
  });

  it('takes the records of the name that was asked for only, and of those that its aliases lead to', async () => {
    const answers = (one: Answer[]) =>
      hostile((question, reply) => reply(answerTo(question, '', { answers: one })));
    const a = (owner: string, data: string, more: object = {}): Answer => ({
      ...{ type: 'A', name: owner, ttl: 60, data },
      ...more,
    });
    const ask = async (one: Answer[]) => {
      await using server = await answers(one);
      return await probe('dns', { name: 'www.X.test', resolver: server.resolver });
    };
    const foreign = await ask([a('other.test', '6.6.6.6', { ttl: 1 })]);
    expect(foreign).toMatchObject({ status: 'unhealthy', mismatch: { actual: 'none' } });
    expect(await ask([a('www.x.test', '6.6.6.6', { class: 'CH' })])).toMatchObject({ status: 'unhealthy' });
    const chain = await ask([
      { type: 'CNAME', name: 'WWW.x.test', ttl: 30, data: 'lb.y.test' },
      { type: 'CNAME', name: 'lb.y.test', ttl: 20, data: 'a.z.test' },
      a('a.z.test', '10.0.0.9'),
      a('b.z.test', '6.6.6.6', { ttl: 1 }),
    ]);
    expect(chain.message).toBe('10.0.0.9, for 20 s');
    const redirected = await ask([
      { type: 'DNAME', name: 'x.test', ttl: 30, data: 'y.test' },
      a('www.y.test', '10.0.0.8'),
    ]);
    expect(redirected.message).toBe('10.0.0.8, for 30 s');
    const circle = await ask([
      { type: 'CNAME', name: 'www.x.test', ttl: 30, data: 'b.test' },
      { type: 'CNAME', name: 'b.test', ttl: 30, data: 'www.x.test' },
    ]);
    expect(circle).toMatchObject({
      status: 'unhealthy',
      mismatch: { actual: expect.stringContaining('none behind the alias') },
    });
  });

  it('shows a record whose text is empty', async () => {
    await using server = await hostile((question, reply) =>
      reply(answerTo(question, '', { answers: [{ type: 'TXT', name: 'a.test', ttl: 60, data: '' }] })),
    );
    const check = { name: 'a.test', record: 'TXT', resolver: server.resolver };
    expect((await probe('dns', check)).message).toBe('"", for 60 s');
    expect(await probe('dns', { ...check, expect: { answers: ['""'] } })).toMatchObject({
      status: 'healthy',
    });
  });

  it('says that an answer was cut, where it cannot be had over TCP', async () => {
    await using server = await hostile((question, reply) =>
      reply(answerTo(question, '10.0.0.1', { flags: TRUNCATED_RESPONSE })),
    );
    const error = await probeError('dns', { name: 'a.test', resolver: server.resolver });
    expect(error.message).toContain('the answer was cut over UDP, and over TCP: ');
  });

  it('refuses what is not a name, or not the address of a name server', async () => {
    for (const bad of [
      `${'a'.repeat(64)}.test`,
      'a..test',
      `${'a.'.repeat(130)}test`,
      'a b.test',
      'http://a/',
    ])
      await expect(probe('dns', { name: bad, resolver })).rejects.toThrow('not a domain name');
    expect(await probeError('dns', { name: '{label.none}..test', resolver })).toMatchObject({
      code: 'INVENTORY',
    });
    await expect(probe('dns', { name: 'a.test', resolver: 'http://10.0.0.1' })).rejects.toThrow(
      'a resolver is',
    );
    await expect(probe('dns', { name: 'a.test', resolver: '10.0.0.1:99999' })).rejects.toThrow(
      'a resolver is',
    );
    const late = { name: 'a.test', resolver: '{label.greeting}' };
    expect(await probeError('dns', late)).toMatchObject({ code: 'INVENTORY' });
    await expect(probe('dns', { name: 'a.test', expect: { exactly: true } })).rejects.toThrow(
      'needs `answers`',
    );
  });
});
