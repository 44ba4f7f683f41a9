import { describe, expect, it } from 'vitest';
import { errorReport, MusterError } from '../../../../src/platform/errors/errors';
import { printable } from '../../../../src/platform/text/printable';
import { parseInventory } from '../../../harness/inventories';
import { parseJump } from '../../../../src/platform/transport/ssh/pool/proxyJump';
import { Redactor, redactingLogger, secretsOf } from '../../../../src/platform/redaction/redactor';
import { withoutCredentials } from '../../../../src/platform/redaction/withoutCredentials';

function recordingLogger() {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  return { lines, debug: write, info: write, warn: write, error: write };
}

describe('The log', () => {
  it('shows no secret, whichever level and however often it comes', () => {
    const redactor = new Redactor();
    const sink = recordingLogger();
    const logger = redactingLogger(sink, redactor);
    redactor.add('hunter2');
    logger.debug('sent hunter2');
    logger.info('hunter2 and hunter2');
    logger.warn('x');
    logger.error('refused: "hunter2"');
    expect(sink.lines).toEqual(['sent •••', '••• and •••', 'x', 'refused: "•••"']);
  });

  it('shows no secret in the forms that JSON, URLs and Base64 give it', () => {
    const redactor = new Redactor();
    const secret = 'pa"ss wörd/';
    redactor.add(secret);
    const forms = [
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ];
    expect(forms.map((form) => redactor.redact(form))).toEqual(['"•••"', '•••', '•••']);
  });

  it('shows no beginning of a secret in which a quote was cut', () => {
    const redactor = new Redactor(['correct horse']);
    const said = 'sorry: correct horse is wrong';
    const quotes = Array.from(
      { length: said.length - 8 },
      (_, index) => `"${printable(said, index + 8)}", once`,
    );
    for (const quote of quotes) expect(redactor.redact(quote)).not.toContain('co');
    expect(redactor.redact('"sorry: correct h…", once… correct')).toBe('"sorry: •••…", once… correct');
  });

  it('leaves nothing of a secret that contains another', () => {
    const redactor = new Redactor();
    redactor.add('abc');
    redactor.add('abcdef');
    expect(redactor.redact('abcdef abc')).toBe('••• •••');
  });

  it('is not changed by an empty secret', () => {
    const redactor = new Redactor();
    redactor.add('');
    expect(redactor.redact('text')).toBe('text');
  });
});

describe('What logs somebody in', () => {
  it.each([
    ['GET https://me:hunter2@web:8080/x?a=1', 'GET https://•••@web:8080/x?a=1'],
    ['https://ghp_abc@github.com/x.git', 'https://•••@github.com/x.git'],
    ['http://me:p%40ss@h and http://a:b@c', 'http://•••@h and http://•••@c'],
    ['http://me:p@ss:w@rd@h/x', 'http://•••@h/x'],
    ['http://me:hun/ter?2@h/x', 'http://•••@h/x'],
    ['ssh://ops@bastion:22 and ssh://ops:hunter2@bastion', 'ssh://ops@bastion:22 and ssh://ops:•••@bastion'],
    ['http://h/?token=hunter2&page=2', 'http://h/?token=•••&page=2'],
    ['/x?a=1&X-Amz-Signature=hunter2#access_token=hunter2', '/x?a=1&X-Amz-Signature=•••#access_token=•••'],
    ['/x?%74oken=hunter2;api_key=hunter2', '/x?%74oken=•••;api_key=•••'],
    ['Authorization: Bearer hunter2', 'Authorization: •••'],
    ['{"authorization":"Basic aHVudGVyMg==","a":1}', '{"authorization":"•••","a":1}'],
    [
      'curl -H \'X-Api-Key: hunter2\' -H "Cookie: a=hunter2; b=c" http://h',
      'curl -H \'X-Api-Key: •••\' -H "Cookie: •••" http://h',
    ],
    ['Proxy-Authorization: Negotiate hunter2\r\nAccept: */*', 'Proxy-Authorization: •••\r\nAccept: */*'],
    ['PRIVATE-TOKEN: hunter2', 'PRIVATE-TOKEN: •••'],
    ['sent Bearer hunter2.abc-d', 'sent Bearer •••'],
    ['ncat --proxy-auth me:hunter2 --proxy p:8080 h 22', 'ncat --proxy-auth ••• --proxy p:8080 h 22'],
    ['sshpass -p hunter2 ssh h; PGPASSWORD=hunter2 psql', 'sshpass -p ••• ssh h; PGPASSWORD=••• psql'],
    ['key AKIAABCDEFGHIJKLMNOP.', 'key •••.'],
    ['--password=\'hunter 2\' x; PGPASSWORD="hunter 2" psql', '--password=••• x; PGPASSWORD=••• psql'],
    ['Ocp-Apim-Subscription-Key: hunter2', 'Ocp-Apim-Subscription-Key: •••'],
    ['CF-Access-Client-Secret: hunter2', 'CF-Access-Client-Secret: •••'],
    ['Job-Token: hunter2', 'Job-Token: •••'],
    ['X-Password: hunter2', 'X-Password: •••'],
    ['{"token": "hunter2", "a": 1}', '{"token": "•••", "a": 1}'],
    ['http://h/?subscription-key=hunter2&otp=123456', 'http://h/?subscription-key=•••&otp=•••'],
    ['curl -s -u me:hunter2 http://h', 'curl -s -u me:••• http://h'],
    ['etcdctl --user root:hunter2 get x', 'etcdctl --user root:••• get x'],
    ['mysql -u me -phunter2 db; redis-cli -a hunter2 ping', 'mysql -u me -p••• db; redis-cli -a ••• ping'],
    ['MYSQL_PWD=hunter2 SSHPASS=hunter2 x', 'MYSQL_PWD=••• SSHPASS=••• x'],
    ['glpat-hunter2hunter2hunter2 github_pat_hunter2hunter2hunter2', '••• •••'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\nx', '•••\nx'],
  ])('is taken out of %j', (text, expected) => {
    expect(withoutCredentials(text)).toBe(expected);
    expect(withoutCredentials(expected)).toBe(expected);
  });

  it.each([
    'expected status 200, got status 503',
    'https://registry/@scope/pkg?page=2&sort=name',
    'http://web:8080/@scope/pkg and http://web/a@b',
    'nginx:1.25@sha256:0123abcd',
    'Set auth.username (--username) where it wants HTTP basic authentication.',
    'git@github.com:x/y.git',
    'systemctl --user status x',
    'PGPASSWORD=$PGPASSWORD psql',
    'Unexpected token } in JSON at position 3',
    'pprof me@http://127.0.0.1:6060',
    'mysql -p db',
    'systemctl --user status',
    'PWD=/srv/app make',
    'host-key: ssh-ed25519 AAAA',
  ])('leaves %j as it is', (text) => {
    expect(withoutCredentials(text)).toBe(text);
  });

  it('is in no error, with its hint and causes, and in no problem of an inventory', () => {
    const cause = new Error('connect http://me:hunter2@h');
    const error = new MusterError('PROTOCOL', 'no answer of http://me:hunter2@h', {
      hint: 'Check http://me:hunter2@h.',
      cause,
    });
    expect(JSON.stringify(errorReport(error))).not.toContain('hunter2');
    expect(() => parseJump('ssh://ops:hunter2@bastion')).toThrow(/^a jump holds no password$/);
    const { problems } = parseInventory(
      'hosts: { "http://me:hunter2@h": { address: "http://me:hunter2@h" } }',
      '/muster.yaml',
    );
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems.map(({ message }) => message))).not.toContain('hunter2');
  });

  it('is found by its value where an answer repeats it', () => {
    const headers = new Map([
      ['authorization', 'Bearer hunter22'],
      ['cookie', 'sid=hunter33; a=b'],
    ]);
    const secrets = secretsOf(new URL('http://me:hunter44@h/?token=hunter55'), headers);
    const redactor = new Redactor(secrets);
    expect(redactor.redact('you sent hunter22, hunter33, hunter44 and hunter55')).toBe(
      'you sent •••, •••, ••• and •••',
    );
    expect(new Redactor(['ab']).redact('a tab')).toBe('a tab');
  });

  it.each([
    ['password=hunter2&a=1', 'you sent hunter2', 'you sent •••'],
    ['a=1&password=hun%26ter2', 'you sent hun&ter2', 'you sent •••'],
    ['{"user":"me","password":"hun\\"ter2"}', 'you sent hun"ter2', 'you sent •••'],
    ['{"passwords":["hunter2","hunter3"]}', 'hunter3, hunter2', '•••, •••'],
    ['<password>hunter2</password>', 'bad login: hunter2', 'bad login: •••'],
    ['name=hunter2', 'you sent hunter2', 'you sent hunter2'],
  ])('is known from the body %j that a check sent', (body, echo, shown) => {
    const secrets = secretsOf(new URL('http://h/'), new Map(), body);
    expect(new Redactor(secrets).redact(echo)).toBe(shown);
  });
});
