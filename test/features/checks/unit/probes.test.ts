import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { probes } from '../../../../src/features/checks/core/probes';

const settingsOf = (type: string) => probes.find((probe) => probe.type === type)!.settings;
const problems = (type: string, input: unknown) =>
  settingsOf(type)
    .safeParse(input)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('every probe', () => {
  it('has a type of its own and a description', () => {
    expect(probes.map(({ type }) => type)).toEqual([
      'http',
      'tcp',
      'tls',
      'dns',
      'icmp',
      'ssh',
      'command',
      'etcd',
      'metric',
    ]);
    for (const { description } of probes) expect(description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(probes.map((probe) => [probe.type, probe] as const))(
    '%s describes every key in its JSON Schema',
    (_, probe) => {
      const undescribed: string[] = [];
      const visit = (schema: Record<string, unknown>, path: string) => {
        for (const [name, property] of Object.entries(schema.properties ?? {})) {
          const child = property as Record<string, unknown>;
          const forms = [child, ...((child.anyOf as Record<string, unknown>[] | undefined) ?? [])];
          if (!forms.some((form) => form.description)) undescribed.push(`${path}.${name}`);
          for (const form of forms) visit(form, `${path}.${name}`);
        }
      };
      const schema = z.toJSONSchema(probe.settings, { io: 'input' });
      visit(schema, probe.type);
      expect(undescribed).toEqual([]);
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    },
  );
});

describe('settings', () => {
  it.each([
    ['http', { url: 'http://{address}:8080/health' }],
    [
      'http',
      {
        url: 'https://{name}/',
        method: 'POST',
        headers: { 'X-Env': '{label.env}' },
        body: '{}',
        expect: {
          status: [200, '3xx'],
          headers: { Server: 'nginx' },
          body: 'ok',
          bodyMatches: 'ready|ok',
          json: { '$.status': 'up', '$.queue': { lt: 5, warn: { lt: 3 } } },
          maxLatency: { warn: '100ms', critical: '300ms' },
        },
        tls: { ca: 'ca.pem', cert: 'c.pem', key: 'k.pem', serverName: 'web', insecure: true },
      },
    ],
    ['tcp', { port: 5432, send: 'PING\r\n', expect: { banner: '^220' } }],
    [
      'tls',
      { port: 443, expect: { validFor: '14d', protocol: 'TLSv1.2', alpn: 'h2', issuer: 'CA', names: ['a'] } },
    ],
    ['ssh', {}],
    ['command', { run: "df -P / | awk 'NR==2{print $5+0}'", expect: { exitCode: 0, value: { lt: 90 } } }],
  ])('of %s may be %j', (type, input) => {
    expect(problems(type, input)).toBeUndefined();
  });

  it.each([
    ['http', {}, 'url'],
    ['http', { url: 'ftp://x' }, 'url: a URL begins with http:// or https://'],
    ['http', { url: 'http://x', methud: 'GET' }, 'Unrecognized key: "methud"'],
    ['http', { url: 'http://x', headers: { 'a b': 'x' } }, 'headers'],
    ['http', { url: 'http://x', headers: { 'Content-Length': '1' } }, 'headers'],
    ['http', { url: 'http://x', expect: { status: 'OK' } }, 'expect.status'],
    ['http', { url: 'http://x', expect: { bodyMatches: '(' } }, 'expect.bodyMatches: no RE2'],
    [
      'http',
      { url: 'http://x', method: 'HEAD', expect: { body: 'x' } },
      'expect: the answer to HEAD has no body',
    ],
    ['http', { url: 'https://x', tls: { cert: 'c.pem' } }, 'tls: cert and key belong together'],
    ['tcp', { port: 0 }, 'port'],
    ['tcp', { port: 1, expect: { banner: '[' } }, 'expect.banner: no RE2'],
    ['tls', { expect: { validFor: '2 weeks' } }, 'expect.validFor'],
    ['command', { run: 'x', expect: { value: { under: 90 } } }, 'expect.value: Unrecognized key: "under"'],
  ])('of %s may not be %j', (type, input, problem) => {
    expect(problems(type, input)?.join('\n')).toContain(problem);
  });
});
