import { createRequire } from 'node:module';
import type { SFTPWrapper } from 'ssh2';
import { profileSamples } from '../features/profiles/unit/damagedProfiles';
import { decodeBody } from '../../src/features/checks/core/http/decodeBody';
import { ResponseParser } from '../../src/features/checks/core/http/responseParser';
import { MusterError } from '../../src/platform/errors/errors';
import { decodeRange, watchParts } from '../../src/features/etcd/core/client/etcdMessages';
import { protobufSummary } from '../../src/features/etcd/core/keys/protobufSummary';
import { loadInventory, parseInventory } from './inventories';
import { metricReaders } from './metricReaders';
import { extractFields } from '../../src/features/logs/core/recognise/extractFields';
import { LineRecogniser } from '../../src/features/logs/core/recognise/recogniseLine';
import { readProfile } from '../../src/features/profiles/core/formats/readProfile';
import { KnownHosts } from '../../src/platform/transport/ssh/trust/knownHosts';
import { SftpChannel } from '../../src/platform/transport/ssh/sftp/sftpChannel';
import { SshConfig } from '../../src/platform/transport/ssh/config/sshConfig';
import { SshConfigFile } from '../../src/platform/transport/ssh/config/sshConfigFile';
import type { Material } from './hostileInputs';

/** Something that reads what others wrote, and may be hostile. */
export interface HostileReader {
  name: string;
  material: Material;
  read: (input: Buffer) => unknown;
  /** Whether the reader may end so. */
  isRefusal: (error: unknown) => boolean;
}

const refusal = (...codes: string[]) => {
  return (error: unknown) => MusterError.is(error) && codes.includes(error.code);
};
const never = () => false;

const inventory = `defaults: { ssh: { user: ops, proxyJump: bastion }, timeout: 800ms }
hosts:
  bastion: &b { labels: { role: jump } }
  web-[01:03]: { address: "{name}.example.com", labels: { role: web } }
  db-1: { <<: *b, address: 10.0.0.5, ssh: { port: 2222 } }
groups: { web: { select: "role=web,!@canary" }, canary: { hosts: web-01 } }
checks:
  health: { type: http, on: web, url: "http://{address}/{label.role}", expect: { json: { "$.s": up } } }
  disk: { type: command, run: "df | awk 'NR==2{print $5+0}'", expect: { value: { lt: 90 } } }
etcd: { main: { endpoints: [10.0.0.9], prefix: /config/ } }
logs: { app: { on: web, path: /var/log/app.log } }
`;

const yaml: Material = {
  samples: [inventory],
  pieces: [
    ...['hosts:', 'groups:', 'checks:', 'etcd:', 'logs:', '\n', '\n  ', '- ', '? ', ': ', '{', '}', '[', ']'],
    ...[
      '&a ',
      '*a',
      '<<: *a',
      '!!binary ',
      '"',
      "'",
      '|',
      '>-',
      '# ',
      '---\n',
      'web-[1:3]',
      'a[1:999999999]',
    ],
    ...[
      '{name}',
      '{label.x}',
      '__proto__: ',
      '1e999',
      '\r\n',
      '\0',
      '\u2028',
      'select: "@a"',
      '@a,!@a',
      '/(a+)+$/',
    ],
  ],
};

const sshConfig: Material = {
  samples: [
    'Host web-* !web-9\n  HostName %h.example.com\n  Port 2222\n  ProxyJump a@b:22,c\n',
    'Match host "a b" user ops\n  IdentityFile ~/.ssh/%r\nHost *\n  ProxyCommand nc %h %p\n',
  ],
  pieces: [
    ...[
      'Host ',
      'Match ',
      'final ',
      'canonical ',
      'exec "x" ',
      'Include ',
      'HostName ',
      'Port ',
      'ProxyJump ',
    ],
    ...[
      '=',
      '"',
      "'",
      '\\',
      '*',
      '?',
      '!a',
      '%h',
      '%%',
      '%',
      '${HOME}',
      '~',
      '\n',
      '\t',
      ' ',
      '#',
      ',',
      '@',
      '[::1]:22',
    ],
  ],
};

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGMCD0vR2QYFJmvUZ5tLwJf0ZVnN5lJ0L6ZpY0Y9vX4e';
const knownHosts: Material = {
  samples: [
    `web,10.0.0.1 ${key}\n[db]:2222 ${key} comment\n`,
    `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${key}\n@revoked * ${key}\n`,
  ],
  pieces: [
    '@cert-authority ',
    '@revoked ',
    '|1|',
    '|',
    '*',
    '?',
    '!',
    ',',
    ' ',
    '\t',
    '\n',
    '#',
    key,
    'AAAA',
    '[',
    ']:22',
  ],
};

const ansible: Material = {
  samples: [
    '[web]\nweb[01:03].x ansible_port=22 ansible_host=10.0.0.1\n[web:vars]\nansible_user=ops\n[all:children]\nweb\n',
    'all:\n  hosts: { a: { ansible_host: 1.2.3.4 } }\n  children: { web: { hosts: { "b[1:2]": } } }\n',
  ],
  pieces: [
    ...[
      '[a]\n',
      '[a:children]\n',
      '[a:vars]\n',
      '[',
      'x[1:2]',
      'x[a:z]',
      'x[1:99999999]',
      'k=v',
      "'",
      '"',
      '\n',
      ' ',
    ],
    ...[
      '=',
      ':',
      '{{',
      '}}',
      '#',
      'ansible_port=',
      'ansible_ssh_common_args=-J',
      'all:\n',
      '  hosts:\n',
      '- ',
      '!vault ',
    ],
  ],
};

const logLines: Material = {
  samples: [
    '2026-12-01T03:04:05.678+01:00 ERROR app[12]: request failed status=500 path="/x y"',
    'Dec  1 03:04:05 web-1 sshd[12]: Accepted publickey for ops from 10.0.0.1 port 22',
    '{"time":"2026-12-01T03:04:05Z","level":"warn","msg":"slow","nested":{"a":[1,2]}}',
    '10.0.0.1 - - [01/Dec/2026:03:04:05 +0000] "GET /x HTTP/1.1" 500 12 "-" "curl"',
    'I1201 03:04:05.678901    1 main.go:7] started',
    '[12:M 01 Dec 2026 03:04:05.678 * Ready',
  ],
  pieces: [
    ...[
      '2026-',
      '12:',
      '01',
      'T',
      'Z',
      '+01:00',
      ' ',
      'ERROR',
      'warn',
      '{"',
      '"}',
      '":"',
      '\\u0000',
      '\\',
      '=',
      '"',
      '[',
    ],
    ...[
      '\x1b[31m',
      '\x1b]0;',
      '\0',
      '\ufffd',
      '9999999999999',
      '1e308',
      '-',
      '.',
      ',',
      'PM',
      'CET',
      'Dec',
      'level=',
      'a=',
    ],
  ],
};

const http: Material = {
  samples: [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
    Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n'),
      Buffer.from('H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==', 'base64'),
    ]),
  ],
  pieces: [
    ...[
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.0 204\n',
      '\r\n',
      '\n',
      ':',
      ' ',
      '\t',
      '0',
      'ffffffff',
      ';',
      ',',
      '\0',
      'gzip',
    ],
    ...[
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Content-Encoding: br\r\n',
      'HTTP/1.1 100 x\r\n\r\n',
    ],
  ],
};

/** A field of protobuf's wire format that holds bytes. */
const field = (number: number, content: Uint8Array | string) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), Buffer.from(content as string)]);
const keyValue = Buffer.concat([
  field(1, '/config/a'),
  Buffer.from([16, 5, 24, 7, 32, 2]),
  field(5, 'value'),
]);
const header = field(1, Buffer.from([8, 1, 16, 2, 24, 9]));
const etcd: Material = {
  samples: [
    Buffer.concat([
      header,
      field(11, Buffer.concat([Buffer.from([8, 1]), field(2, keyValue), field(3, keyValue)])),
    ]),
    Buffer.concat([header, field(2, keyValue), field(2, keyValue), Buffer.from([24, 1, 32, 2])]),
  ],
  pieces: [
    ...[
      header,
      keyValue,
      field(11, ''),
      Buffer.from([0x80]),
      Buffer.alloc(12, 0xff),
      Buffer.from([0x5a, 0x7f]),
    ],
    ...[
      Buffer.from([0x0b]),
      Buffer.from([0x0c]),
      Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]),
      Buffer.from([0]),
    ],
  ],
};

/** A packet of SFTP 3 (draft-ietf-secsh-filexfer-02) with its length. */
function packet(type: number, ...content: (number | Uint8Array | string)[]): Buffer {
  const body = content.map((one) => {
    if (typeof one === 'number') return Buffer.from([one >>> 24, one >>> 16, one >>> 8, one]);
    const bytes = Buffer.from(one as string);
    return Buffer.concat([Buffer.from([0, 0, bytes.length >>> 8, bytes.length]), bytes]);
  });
  const length = 1 + body.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([Buffer.from([0, 0, length >>> 8, length, type]), ...body]);
}
const version = packet(2, 3, 'posix-rename@openssh.com', '1');
const answers = {
  status: packet(101, 0, 4, 'no such file', 'en'),
  handle: packet(102, 0, 'h'),
  data: packet(103, 2, 'content'),
  names: packet(104, 1, 2, 'a', '-rw- a', 0xf, 0, 7, 0, 0, 0o100644, 1, 2, 'b', 'b', 0),
  attributes: packet(105, 3, 0xf, 0, 7, 0, 0, 0o100644, 1, 2),
};
const sftp: Material = {
  samples: [Buffer.concat(Object.values(answers)), ...Object.values(answers)],
  pieces: [
    ...Object.values(answers),
    packet(200),
    Buffer.from([0, 0, 0, 0]),
    Buffer.from([0, 4, 0, 0]),
    Buffer.alloc(6, 0xff),
  ],
};

type SftpClient = new (
  client: object,
  channel: object,
  config: object,
) => SFTPWrapper & {
  push(bytes: Buffer | null): void;
};

/** An SFTP session in which four requests wait for what the server says. */
function readSftp(input: Buffer): Promise<unknown> {
  const Client = createRequire(import.meta.url)('ssh2/lib/protocol/SFTP.js') as { SFTP: SftpClient };
  const nothing = () => {};
  const protocol = {
    _remoteIdentRaw: Buffer.from('SSH-2.0-OpenSSH_9.2'),
    channelData: nothing,
    channelClose: nothing,
  };
  const side = () => ({ id: 0, window: 2 ** 30, packetSize: 32_768, state: 'open' });
  const wire = new Client.SFTP(
    { _protocol: protocol },
    { type: 'sftp', incoming: side(), outgoing: side() },
    {},
  );
  const channel = new SftpChannel(wire, 'host');
  wire.push(version);
  const waiter = { reason: undefined, onAbort: () => nothing };
  const handle = Buffer.from('h');
  const requests = [
    channel.open('/a', 'r', waiter),
    channel.nextEntries('/', handle, waiter),
    channel.read('/a', handle, Buffer.alloc(64), { at: 0, length: 64, into: 0 }, waiter),
    channel.stat('/a', waiter),
  ];
  const settled = Promise.allSettled(requests).then((ends) => {
    for (const end of ends)
      if (end.status === 'rejected' && !MusterError.is(end.reason)) throw end.reason as Error;
  });
  wire.push(input);
  wire.push(null);
  channel.close();
  return settled;
}

/** Everything that reads files of a project, or what hosts and services send. */
export async function hostileReaders(): Promise<HostileReader[]> {
  const profiles = (await profileSamples()).map(([, bytes]) => bytes).filter(({ length }) => length < 20_000);
  const recogniser = new LineRecogniser('auto');
  return [
    {
      name: 'inventory',
      material: yaml,
      read: (input) => parseInventory(input.toString(), '/f/muster.yaml'),
      isRefusal: never,
    },
    {
      name: 'ssh_config',
      material: sshConfig,
      read: async (input) => {
        const file = new SshConfigFile('/f/config', input.toString());
        const source = {
          load: () => Promise.resolve(file),
          matching: () => Promise.resolve({ files: [], isComplete: true }),
        };
        const config = new SshConfig(() => {}, { source, mayExecute: false, userFolder: '/f' });
        await config.aliases('/f/config');
        await config.resolve('web-1', ['/f/config']);
      },
      isRefusal: (error) =>
        refusal('INVENTORY')(error) || (error as Error).message === 'it holds binary data',
    },
    {
      name: 'known_hosts',
      material: knownHosts,
      read: (input) => new KnownHosts('/f/known_hosts', input.toString()).entriesFor('web'),
      isRefusal: (error) => /^(it holds binary data|line \d+ revokes a key)/.test((error as Error).message),
    },
    {
      name: 'Ansible',
      material: ansible,
      read: (input) =>
        loadInventory('/f/muster.yaml', {
          readFile: (file) =>
            Promise.resolve(
              file.endsWith('muster.yaml')
                ? 'hosts: { a: }\nimports: [{ ansible: i.ini }, { ansible: i.yml }]'
                : input.toString(),
            ),
          readFolder: () => Promise.resolve([]),
        }),
      isRefusal: never,
    },
    {
      name: 'profiles',
      material: {
        samples: profiles,
        pieces: ['{', '}', '[', ']', '"nodes":', '0', '-1', '1e999', ';a 1\n', ',', Buffer.alloc(9, 0xff)],
      },
      read: (input) => readProfile(input, 'profile'),
      isRefusal: refusal('FORMAT'),
    },
    {
      name: 'log lines',
      material: logLines,
      read: (input) => {
        recogniser.read(input, 0, input.length, 1_796_000_000_000);
        const text = input.toString();
        for (const format of ['json', 'logfmt', 'auto'] as const) extractFields(text, format);
      },
      isRefusal: never,
    },
    {
      name: 'HTTP',
      material: http,
      read: (input) => {
        const parser = new ResponseParser('GET', 4_096);
        const half = Math.floor(input.length / 2);
        if (!parser.push(input.subarray(0, half))) parser.push(input.subarray(half));
        parser.end();
        return decodeBody(parser.response, 4_096);
      },
      isRefusal: refusal('PROTOCOL', 'RESET', 'TOO_LARGE'),
    },
    { name: 'SFTP', material: sftp, read: readSftp, isRefusal: never },
    {
      name: 'etcd',
      material: etcd,
      read: (input) => {
        protobufSummary(input);
        try {
          decodeRange(input);
        } finally {
          Array.from(watchParts(input, 2));
        }
      },
      isRefusal: (error) => error instanceof RangeError && /of etcd/.test(error.message),
    },
    ...metricReaders,
  ];
}
