import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withoutCredentials } from '../../../../src/platform/redaction/withoutCredentials';
import { cpuMs } from '../../../harness/cpuMs';
import { propertyRuns } from '../../../harness/propertyRuns';

const certificate = readFileSync('test/fixtures/publicCertificate.pem', 'utf8');

const innocent: Record<string, string[]> = {
  identifiers: [
    ...['request 550e8400-e29b-41d4-a716-446655440000', 'commit 4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d'],
    ...[
      'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDbFUQVyz0nL1rOJp4',
    ],
    ...[
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7bV0 me@host',
      'trace_id=4bf92f3577b34da6a3ce929d0e0e4736',
      'arn:aws:iam::123456789012:role/ops',
    ],
    ...[
      'pod web-7d4b9c6f5d-x2k8q',
      'i-0abcd1234efgh5678',
      'etag: "33a64df551425fcc"',
      'v1.24.0-rc.1+build.5',
    ],
  ],
  'certificates, which are public': [
    certificate,
    certificate.replaceAll('\n', ''),
    'fingerprint 3F:9A:0C:7E:51:B2',
  ],
  sentences: [
    ...[
      'the token bucket is empty: 5 tokens left',
      'a password is not written down here',
      'Unexpected token } in JSON at position 3',
    ],
    ...[
      'invalid token: expected a comma',
      'the secret is out',
      'password: must not be empty',
      'token: expired yesterday',
      'no such key: x',
    ],
    ...[
      'basic authentication failed',
      'bearer of bad news',
      'the api key is missing',
      'cookies are enabled',
      'the session has ended',
    ],
    ...[
      'author: Jane',
      'authorized: 3 of 5',
      'passed: 12, failed: 0',
      'bypass: on',
      'compass: north',
      'keyboard: us',
      'monkey: 5',
    ],
    ...[
      `me@host's password: `,
      'Set auth.username (--username) where it wants HTTP basic authentication.',
      'negotiate terms',
    ],
  ],
  'paths and URLs': [
    ...[
      '/home/me/.ssh/id_ed25519',
      '/run/secrets/db_password',
      'C:\\Users\\me\\token.txt',
      '/var/log/auth.log: 12 lines',
    ],
    ...[
      'http://web:8080/health',
      'https://[2001:db8::1]:6443/api/v1/secrets',
      'http://h/?page=2&sort=name&limit=10',
      'ws://h:80/a@b',
    ],
    ...[
      'git@github.com:x/y.git',
      'registry/@scope/pkg',
      'nginx:1.25@sha256:0123abcd',
      'file:///etc/passwd',
      'ssh://ops@bastion:22',
    ],
    ...['s3://bucket/key=value/part-0', 'key=/etc/ssl/private/web.pem'],
  ],
  'parameters that name no secret': [
    ...['/?code=200', '/?code=ERR42', '/?sort=key&key=name', '/?session=3', '/?session=open'],
  ],
  'users without a password': [
    ...['mailto://bob@x', 'foo://bar@baz', 'mailto:bob@x.com', 'docker://alpine:3@sha256:0123abcd'],
    ...[
      'npm:foo@1.2.3',
      'http://h:80?x=a@b',
      'src/x.ts:12:a@b',
      '12:30@host',
      'me@h:22,you@i:23',
      'std::x@y',
      'ssh:me@host',
      'see `password expired`, please',
    ],
    ...['C:\\Users\\a@b', 'registry:5000/img@sha256:0123abcd', 'sqlplus -s /nolog'],
  ],
  'what stands in place of a value': [
    ...[
      'authorization: enabled',
      'password: ok',
      'password: required',
      'Password: [hidden]',
      'password=unset',
    ],
    ...[
      'Secret: default/db-credentials',
      'secrets: ["web-tls"]',
      'tokens: [1, 2]',
      '密码：不能为空',
      'password: |',
    ],
    ...[
      'token_type=bearer expires_in=3600',
      'WWW-Authenticate: Basic realm="prod"',
      '<password>${p}</password>',
    ],
    ...['WWW-Authenticate: Bearer realm="x", error="invalid_token"', 'name: web, value: 3'],
  ],
  'sentences with names of secrets': [
    ...[
      'the requirepass option is not set',
      'password authentication failed for user "bob"',
      'password is wrong',
    ],
    ...['no new password given for user: bob', 'usage: <password> then <token>', 'muster login <token> <x>'],
    ...[
      '(token) => token.value',
      'password => hash(x)',
      'echo $1$HOME',
      'identified by its name',
      'password expired',
    ],
  ],
  'settings and code': [
    ...[
      'max_tokens=100',
      'token_count: 17',
      'secretName: web-tls',
      'passwordAuthentication yes',
      'keys=5',
      'tokenizer=bpe',
      'password_file=/x',
    ],
    ...[
      'PASSWORD=$PASSWORD',
      'token=${TOKEN}',
      'password=%DB_PASSWORD%',
      'password: {{ vault_password }}',
      'password=***',
      'token=null',
    ],
    ...[
      'if (token == x)',
      'Secret::new()',
      'const token: string',
      'std::token',
      'x == y',
      'PWD=/srv/app',
      'OLDPWD=/srv',
    ],
    ...[
      '10:20:30 level=info msg="took 12 ms" status=200',
      'a=b c=d',
      'time="2026-12-01T12:00:00Z"',
      'labels: {app: web, tier: front}',
    ],
  ],
  'command lines': [
    ...[
      'mysql -u me -p db',
      'ssh -p 22 host',
      'systemctl --user status x',
      'ps -p 17',
      'mkdir -p a/b',
      'curl -sS http://h:80/x',
      'tar -p',
    ],
    ...[
      'tool --password-file /run/x',
      'tool --token-env NAME',
      'muster etcd ls --password-env P',
      'redis-cli -h h ping',
      'docker run -p 80:80 x',
    ],
    ...['nc -w 5 h 80', 'grep -a x', 'curl -u "$USER:$PASS" h', 'sort -u x:y'],
  ],
};

describe('Text without a secret', () => {
  for (const [kind, texts] of Object.entries(innocent))
    it.each(texts)(`stays as it is, ${kind}: %j`, (text) => {
      expect(withoutCredentials(text)).toBe(text);
    });

  it('stays as it is in messages of the core, whatever the values in them are', () => {
    const texts = JSON.parse(readFileSync('l10n/core.l10n.zh-cn.json', 'utf8')) as Record<string, string>;
    const messages = Object.entries(texts)
      .flat()
      .flatMap((text) => ['word', '[sudo]'].map((value) => text.replace(/\{\d\}/g, value)));
    expect(messages.filter((text) => withoutCredentials(text) !== text)).toEqual([]);
  });

  it('stays as it is in the documentation, but for its examples of secrets', () => {
    for (const page of ['architecture', 'checks', 'inventory', 'logs', 'profiles', 'runs', 'editor', 'cli']) {
      const text = readFileSync(`docs/${page}.md`, 'utf8');
      const changed = text.split('\n').filter((line) => withoutCredentials(line) !== line);
      expect(changed.map((line) => [line, withoutCredentials(line)])).toEqual([]);
    }
  });
});

describe('Hostile text in one long line', () => {
  const pieces = [
    ...[
      'a',
      'x-',
      'x-key',
      'a-',
      'key-',
      '"token',
      'eyJ',
      'eyJ-',
      'eyJaaaaaaaaaa.',
      '-----BEGIN PRIVATE KEY-----',
      'http://',
      'http://a:b/',
    ],
    ...[
      'http://a:b/@',
      '?a',
      '&token',
      'x@',
      'authorization',
      'A_',
      '--token ',
      '--token "',
      'a=',
      'password: ',
      'password:"\\',
      '= ',
      ':',
    ],
    ...[
      'curl -u ',
      'curl -u a',
      'curl ',
      'mysql ',
      'mysql -p',
      'mysql -p"',
      'docker ',
      'docker login ',
      'redis-cli -a ',
      'sshpass -p',
      '"',
      '\\"',
    ],
    ...[
      'bearer ',
      'bearer aaaaaa',
      ' ',
      '\t:',
      'token = ',
      'api-key-',
      '--a-a-a',
      '-a',
      'ghp_',
      'SG.aaaaaaaaaaaaaaaaaaaa.',
      'user:',
      '--user a',
    ],
    ...['Private-Lines: 1\n', '-----END PRIVATE KEY-----', '\n-----END RSA PRIVATE KEY-----', 'A\n', '\\n'],
    ...[
      'a:',
      'a:b@',
      'a:b,',
      'a@b:c,',
      '：',
      'password：',
      'password="""',
      "password='a b",
      '"password=a b ',
      "'P=a ",
    ],
    ...[
      'password:[',
      'token:[',
      'password: |\n',
      'password: |\n\n',
      'token: |\n  x\n',
      '\n ',
      'password => ',
      '\\u0070',
    ],
    ...[
      '<password>',
      '<password',
      '<password a',
      '<password>a',
      'name="password" ',
      'name: password\nvalue: ',
      'key=a,',
    ],
    ...[
      'requirepass ',
      'password ',
      'password a ',
      'password is a: ',
      'login a password ',
      'identified by ',
      'with a ',
    ],
    ...[
      '$6$',
      '$6$a$',
      '$argon2id$a',
      '{SSHA}',
      '12345678:',
      'jdbc:oracle:thin:a/',
      'sqlplus ',
      'sqlplus a/',
      '--token a"',
    ],
    ...[
      'Authorization: Digest ',
      'Authorization: a="',
      'Authorization: a, b="c"',
      "--token a'b",
      'bearer a=',
    ],
    ...['hooks.slack.com/services/', 'pass pass:', 'aA', 'Token', '•••', '=\\"'],
  ];
  it.each(pieces)('of %j is looked through in time that grows with its length', async (piece) => {
    const text = `=:mysql curl "${piece.repeat(propertyRuns(2 ** 17) / piece.length)}`;
    // Time that grows with the square would be seconds.
    expect(await cpuMs(() => withoutCredentials(text))).toBeLessThan(propertyRuns(300));
  });
});
