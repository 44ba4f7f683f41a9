import { describe, expect, it } from 'vitest';
import { errorReport, MusterError } from '../../../../src/platform/errors/errors';
import { Redactor } from '../../../../src/platform/redaction/redactor';
import {
  valueWithoutCredentials,
  withoutCredentials,
} from '../../../../src/platform/redaction/withoutCredentials';

/** Characters of no known form, put together here so that nobody's scanner takes them for a leak. */
const random = (length: number) => 'q7Rw2ZxK9vBn4TmL8sPd'.repeat(10).slice(0, length);
const hex = (length: number) => '3f9a0c7e51b2d864'.repeat(10).slice(0, length);
const secret = 'hunter2';

/** What surrounds a secret, by what it is; `~` is where the secret is. */
const named: Record<string, string[]> = {
  'a URL': [
    'https://~@web/x',
    'psql postgres://me:~@db:5432/app',
    'redis://:~@cache:6379/0',
    'amqp://me:~@mq/%2f',
  ],
  'a parameter': [
    'GET /x?access_token=~&page=2',
    'wss://h/#id_token=~',
    'https://h/f?sv=2024&sig=~',
    '?X-Amz-Signature=~',
  ],
  'an address': [
    ...[
      '“user:~@host” is neither',
      'at character 12 of “nope:~@x”',
      'sftp user:~@host:/x',
      '//user:~@server/share',
    ],
    ...['deploy:~@10.0.0.1:22', 'h: me:~@[::1]:22', 'jdbc:oracle:thin:scott/~@//h', 'sqlplus scott/~@db'],
  ],
  'a form of a file': [
    ...['<password>~</password>', '<db:password type="x">\n~</db:password>', '<token><![CDATA[~]]></token>'],
    ...[
      '<add key="Password" value="~"/>',
      '- name: DB_PASSWORD\n  value: ~',
      '{"name":"DB_TOKEN","value":"~"}',
    ],
    ...[
      `'password' => '~'`,
      `:password => "~"`,
      '[password] => ~',
      'password = """\n~\n"""',
      "password = '''~'''",
    ],
    ...[
      'password: |\n  ~',
      'a:\n  password: >-\n    x\n    ~\n  b: 1',
      '"passwords":["~"]',
      'passwords: [\n  "x",\n  "~"]',
    ],
    ...['"pass\\u0077ord":"~"', '密码：~', 'password：~', '密码: ~', '“password=~”', 'password: “~”'],
  ],
  'what a word announces': [
    ...[
      'requirepass ~',
      'masterauth ~',
      'bindpw ~',
      'auth_pass ~',
      'password ~',
      'machine h login me password ~',
    ],
    ...[
      `IDENTIFIED BY '~'`,
      `IDENTIFIED WITH sha2 BY '~'`,
      `ALTER ROLE a WITH PASSWORD '~'`,
      `PASSWORD('~')`,
    ],
    ...['A temporary password is generated for root@localhost: ~', 'Your new password is: ~'],
  ],
  'a header': [
    ...[
      'Authorization: Digest username="bob", realm="r", uri="/", response="~"',
      `-H 'Authorization: Digest a="b", c="~"'`,
    ],
    ...[
      'Authorization: Bearer ~',
      'authorization: Basic ~',
      'Cookie: sid=~; theme=dark',
      'Set-Cookie: sid=~; Path=/',
    ],
    ...[
      'X-Api-Key: ~',
      'x-vault-token: ~',
      'X-Auth-Token: "~"',
      'Proxy-Authorization: Digest ~',
      'PRIVATE-TOKEN: ~',
    ],
    ...[`curl -H 'Authorization: token ~' http://h`, `-H "X-Api-Key: ~"`],
  ],
  'a key of JSON': [
    ...['{"password":"~"}', '{"client_secret": "~", "a": 1}', '{"apiKey": "~"}', '{ "db.password" : "~" }'],
    ...[`{'token': '~'}`, '"{\\"token\\":\\"~\\"}"', '{"private_key":"~"}', '{"accessToken":"~"}'],
  ],
  'a key of YAML or of a properties file': [
    ...[
      'password: ~',
      '  db_password: "~"',
      "passphrase: '~'",
      'spring.datasource.password=~',
      'api_key = "~"',
    ],
    ...['{password: ~, user: me}', 'secret = ~', 'aws_secret_access_key = ~', 'password: ~\nuser: me'],
  ],
  'a variable': [
    ...[
      'PGPASSWORD=~ psql -h db',
      'MYSQL_PWD=~',
      'export GITHUB_TOKEN=~',
      'AWS_SECRET_ACCESS_KEY="~"',
      "DB_PASSWORD='~'",
    ],
    ...['Environment=VAULT_TOKEN=~', 'docker run -e API_KEY=~ x', 'POSTGRES_PASSWORD=~;'],
  ],
  'a connection string': [
    'host=db user=me password=~ dbname=x',
    'Server=db;User Id=me;Password=~;',
    'AccountName=a;AccountKey=~',
  ],
  'a command line': [
    ...[
      '--token ~',
      '“--token ~”',
      'got "mysql --password=~"',
      `docker run -e 'TOKEN=a ~' x`,
      'PASSWORD=a\\ ~',
    ],
    ...[
      'mysql -u me -p~ db',
      'mysqldump --password=~ db',
      "mysql -p'~' db",
      'curl -u me:~ http://h',
      'curl --user me:~ h',
    ],
    ...[
      'curl -x proxy --proxy-user ~ h',
      'wget --http-password=~ h',
      'sshpass -p ~ ssh h',
      'sshpass -p~ ssh h',
    ],
    ...[
      'redis-cli -h h -a ~ ping',
      'etcdctl --user root:~ get x',
      'deploy --token ~ --force',
      'tool --api-key=~',
    ],
    ...[
      'docker login -u me -p ~ registry',
      'mongosh -u me -p ~',
      'ldapsearch -D cn=me -w ~ -b dc=x',
      'sqlcmd -U sa -P ~',
    ],
    ...[
      'smbclient //h/share -U me%~',
      'openssl rsa -passin pass:~ -in k',
      'ipmitool -H h -U me -P ~ power',
      'redis-server --requirepass ~',
    ],
    ...[
      'java -Dapp.password=~ -jar x',
      'true | sshpass -p "~" ssh h',
      'restic --password ~',
      'gpg --passphrase ~ -d x',
    ],
    ...['vault login -token=~', 'influx -password ~ -database x', 'xfreerdp /u:me /p:~ /v:h'],
  ],
};

const tokens: Record<string, string> = {
  'a key of AWS': `AKIA${'Q7RW2ZXK9VBN4TML'}`,
  'a session key of AWS': `ASIA${'Q7RW2ZXK9VBN4TML'}`,
  'a token of GitHub': `ghp_${random(36)}`,
  'a fine-grained token of GitHub': `github_pat_${random(22)}_${random(59)}`,
  'a token of an app on GitHub': `ghs_${random(36)}`,
  'a token of GitLab': `glpat-${random(20)}`,
  'a runner token of GitLab': `glrt-${random(20)}`,
  'a bot token of Slack': `xoxb-${hex(12)}-${random(24)}`,
  'an app token of Slack': `xapp-1-${random(24)}`,
  'a JWT': `eyJ${random(20)}.eyJ${random(40)}.${random(43)}`,
  'an API key of Google': `AIza${random(35)}`,
  'an OAuth token of Google': `ya29.${random(40)}`,
  'a client secret of Google': `GOCSPX-${random(28)}`,
  'a token of npm': `npm_${random(36)}`,
  'a token of PyPI': `pypi-${random(60)}`,
  'a token of Docker Hub': `dckr_pat_${random(27)}`,
  'a token of Vault': `hvs.${random(90)}`,
  'a key of Anthropic': `sk-ant-api03-${random(60)}`,
  'a key of OpenAI': `sk-proj-${random(40)}`,
  'a key of Stripe': `sk_live_${random(24)}`,
  'a key of SendGrid': `SG.${random(22)}.${random(43)}`,
  'a token of DigitalOcean': `dop_v1_${hex(64)}`,
  'a token of Grafana': `glsa_${random(32)}_${hex(8)}`,
  'a token of Hugging Face': `hf_${random(34)}`,
  'a token of Databricks': `dapi${hex(32)}`,
  'a token of a bot of Telegram': `123456789:AA${random(33)}`,
  'a hash of crypt(3)': `$6$${random(8)}$${random(40)}`,
  'a hash of Apache': `$apr1$${random(8)}$${random(22)}`,
  'a hash of bcrypt': `$2b$12$${random(53)}`,
  'a hash of yescrypt': `$y$j9T$${random(22)}$${random(43)}`,
  'a hash of Argon2': `$argon2id$v=19$m=65536,t=3,p=4$${random(22)}$${random(43)}`,
  'a hash of LDAP': `{SSHA}${random(32)}`,
  'an identity of age': `AGE-SECRET-KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)}`,
  'a webhook of Slack': `T${hex(9)}/B${hex(9)}/${random(24)}`,
};

describe('A secret', () => {
  for (const [place, texts] of Object.entries(named))
    it.each(texts)(`is taken out of ${place}: %j`, (text) => {
      const shown = withoutCredentials(text.replace('~', secret));
      expect(shown).not.toContain(secret);
      expect(shown).toContain('•••');
      expect(withoutCredentials(shown)).toBe(shown);
    });

  it('leaves the rest as it is', () => {
    expect(withoutCredentials('mysql -u me -phunter2 db -e "select 1"')).toBe(
      'mysql -u me -p••• db -e "select 1"',
    );
    expect(withoutCredentials('{"user":"me","password":"hun\\"ter2","port":5432}')).toBe(
      '{"user":"me","password":"•••","port":5432}',
    );
    expect(withoutCredentials('host=db password=hunter2 dbname=x')).toBe('host=db password=••• dbname=x');
    expect(withoutCredentials('user: me\npassword: hunter2\nport: 1')).toBe(
      'user: me\npassword: •••\nport: 1',
    );
  });

  it.each(Object.entries(tokens))('is known by its form: %s', (_, token) => {
    const text = `https://hooks.slack.com/services/${token} said “${token}”, (${token}).`;
    const shown = withoutCredentials(token.startsWith('T') ? text.slice(0, text.indexOf(' ')) : text);
    expect(shown).not.toContain(token.slice(-12));
    expect(shown).toContain('•••');
  });

  it.each(['RSA ', 'OPENSSH ', 'EC ', 'ENCRYPTED ', ''])('is a private key in PEM: %s', (kind) => {
    const body = Array(3).fill(random(64)).join('\n');
    const pem = `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`;
    expect(withoutCredentials(`read ${pem}\nand`)).toBe('read •••\nand');
    expect(withoutCredentials(`cut short: ${pem.slice(0, 90)}`)).toBe('cut short: •••');
  });

  it('is the private part of a key of PuTTY, and the rest of a PEM without its beginning', () => {
    const body = Array(3).fill(random(64)).join('\n');
    const putty = `Public-Lines: 1\nAAAA\nPrivate-Lines: 3\n${body}\nPrivate-MAC: 00`;
    expect(withoutCredentials(putty)).toBe('Public-Lines: 1\nAAAA\nPrivate-Lines: 3\n•••Private-MAC: 00');
    expect(withoutCredentials(putty.slice(0, 90))).toBe('Public-Lines: 1\nAAAA\nPrivate-Lines: 3\n•••');
    for (const tail of [body, body.replaceAll('\n', '\\n')]) {
      const text = `read:\n${tail}${tail.includes('\n') ? '\n' : '\\n'}-----END RSA PRIVATE KEY-----\nx`;
      expect(withoutCredentials(text)).toBe('read:•••-----END RSA PRIVATE KEY-----\nx');
    }
  });

  it('leaves quotes that close around it', () => {
    expect(withoutCredentials('got "mysql --password=hunter2" x')).toBe('got "mysql --password=•••" x');
    expect(withoutCredentials('--timeout: “password=hunter2” is not')).toBe(
      '--timeout: “password=•••” is not',
    );
    expect(withoutCredentials(`'password' => 'hunter2', 'a' => 1`)).toBe(`'password' => '•••', 'a' => 1`);
    expect(withoutCredentials('<add key="Password" value="hunter2"/>')).toBe(
      '<add key="Password" value="•••"/>',
    );
  });

  it('is taken out of values by the names of their keys, however deep', () => {
    expect(
      valueWithoutCredentials({
        user: 'me',
        password: secret,
        passwords: [secret],
        more: [{ api_key: secret, count: 3, token: null }],
      }),
    ).toEqual({
      user: 'me',
      password: '•••',
      passwords: ['•••'],
      more: [{ api_key: '•••', count: 3, token: null }],
    });
  });

  it('that its owner has made known is found without a name, also behind a user in Base64', () => {
    const redactor = new Redactor(['correct horse']);
    for (const user of ['a', 'me', 'ops', 'root'])
      expect(redactor.redact(`sent ${Buffer.from(`${user}:correct horse`).toString('base64')}`)).toMatch(
        /^sent [\w+/]{1,8}•••[\w+/=]{0,4}$/,
      );
    expect(redactor.redact('said “correct horse”')).toBe('said “•••”');
  });

  it('is in no error, with its hint and causes', () => {
    for (const text of Object.values(named).flat()) {
      const message = text.replace('~', secret);
      const error = new MusterError('PROTOCOL', message, { hint: message, cause: new Error(message) });
      expect(JSON.stringify(errorReport(error))).not.toContain(secret);
    }
  });
});
