import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { accepts, freePorts } from './ports';
import { standStill } from './standStill';
import { until } from './until';

const run = promisify(execFile);

export interface EtcdOptions {
  /** Members, 1 by default. */
  members?: number;
  /** Serves clients with TLS, and wants certificates of them. */
  tls?: boolean;
  /** More arguments of every member. */
  arguments?: readonly string[];
  /** Where `etcd` and `etcdctl` of another version are; those of the system by default. */
  binaries?: string;
}

/** PEM files: an authority, and what it signed. */
export interface EtcdCertificates {
  ca: string;
  server: { cert: string; key: string };
  client: { cert: string; key: string };
  /** Of another authority. */
  stranger: { ca: string; cert: string; key: string };
}

/** A real etcd cluster on loopback with its data in a temporary folder; everything ends with it. */
export class EtcdFarm implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    readonly members: readonly EtcdMember[],
    readonly certificates: EtcdCertificates | undefined,
    readonly etcdctlFile: string,
    /** Adds a member that does not vote, and starts it; `members` and `endpoints` do not have it. */
    readonly addLearner: () => Promise<EtcdMember>,
  ) {}

  private readonly others: EtcdMember[] = [];

  /** Starts a cluster and resolves when it has a leader. */
  static async start(options: EtcdOptions = {}): Promise<EtcdFarm> {
    const directory = await mkdtemp(path.join(tmpdir(), 'muster-etcd-'));
    const certificates = options.tls ? await makeCertificates(directory) : undefined;
    const ports = await freePorts(2 * (options.members ?? 1));
    const names = ports.slice(0, ports.length / 2).map((_, index) => `member-${index + 1}`);
    const peers = names.map((name, index) => `${name}=http://127.0.0.1:${ports[2 * index]}`).join(',');
    const scheme = certificates ? 'https' : 'http';
    const fileOf = (name: string) =>
      options.binaries === undefined ? name : path.join(options.binaries, name);
    const makeMember = (name: string, peerPort: number, port: number, initial: readonly string[]) => {
      const peer = `http://127.0.0.1:${peerPort}`;
      const client = `${scheme}://127.0.0.1:${port}`;
      return new EtcdMember(fileOf('etcd'), port, client, [
        ...['--name', name, '--data-dir', path.join(directory, name)],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--initial-cluster-token', path.basename(directory), ...initial],
        // Memory would do, but etcd has no such store; what a crash of the machine loses does not matter here.
        ...['--unsafe-no-fsync', '--logger', 'zap', '--log-level', 'warn'],
        // Passwords of tests need no protection, and each login takes a tenth of a second with the usual cost.
        ...['--bcrypt-cost', '4'],
        ...(certificates
          ? [
              ...['--cert-file', certificates.server.cert, '--key-file', certificates.server.key],
              ...['--client-cert-auth', '--trusted-ca-file', certificates.ca],
            ]
          : []),
        ...(options.arguments ?? []),
      ]);
    };
    const members = names.map((name, index) =>
      makeMember(name, ports[2 * index]!, ports[2 * index + 1]!, ['--initial-cluster', peers]),
    );
    const addLearner = async () => {
      const [peerPort, port] = await freePorts(2);
      const peer = `learner=http://127.0.0.1:${peerPort}`;
      await farm.etcdctl('member', 'add', 'learner', '--learner', `--peer-urls=${peer.slice(8)}`);
      const initial = ['--initial-cluster', `${peers},${peer}`, '--initial-cluster-state', 'existing'];
      const learner = makeMember('learner', peerPort!, port!, initial);
      farm.others.push(learner);
      await learner.start();
      return learner;
    };
    const farm = new EtcdFarm(directory, members, certificates, fileOf('etcdctl'), addLearner);
    try {
      await Promise.all(members.map((member) => member.start()));
      await farm.healthy();
    } catch (error) {
      await farm[Symbol.asyncDispose]();
      throw error;
    }
    return farm;
  }

  get endpoints(): string[] {
    return this.members.map(({ url }) => url);
  }

  /** Runs etcdctl on the whole cluster and gives what it prints. */
  async etcdctl(...words: string[]): Promise<string> {
    const { stdout } = await run(this.etcdctlFile, [...this.clientFlags(), ...words], {
      env: { ...process.env, ETCDCTL_API: '3' },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  /** The flags that etcdctl reaches it with. */
  clientFlags(endpoints: readonly string[] = this.endpoints): string[] {
    const { ca, client } = this.certificates ?? {};
    return [
      `--endpoints=${endpoints.join(',')}`,
      ...(client ? [`--cacert=${ca}`, `--cert=${client.cert}`, `--key=${client.key}`] : []),
    ];
  }

  /** Compacts the history up to `revision` and waits until it is gone. */
  async compact(revision: number): Promise<void> {
    await this.etcdctl('compact', '--physical', String(revision));
  }

  /** Makes users who may do what their roles say, and turns authentication on; `root` gets the same password. */
  async enableAuth(
    users: Record<string, { password: string; prefix: string; may: 'read' | 'readwrite' }>,
  ): Promise<void> {
    await this.etcdctl('user', 'add', 'root:root-password');
    await this.etcdctl('user', 'grant-role', 'root', 'root');
    for (const [name, { password, prefix, may }] of Object.entries(users)) {
      await this.etcdctl('role', 'add', name);
      await this.etcdctl('role', 'grant-permission', name, '--prefix=true', may, prefix);
      await this.etcdctl('user', 'add', `${name}:${password}`);
      await this.etcdctl('user', 'grant-role', name, name);
    }
    await this.etcdctl('auth', 'enable');
  }

  /** Resolves when every running member answers with the consent of the others. */
  async healthy(): Promise<void> {
    const flags = this.clientFlags(this.members.filter(({ running }) => running).map(({ url }) => url));
    await until('a healthy etcd', async () => {
      const health = run(this.etcdctlFile, [...flags, 'endpoint', 'health'], {
        env: { ...process.env, ETCDCTL_API: '3' },
      });
      return health.then(
        () => true,
        () => false,
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.members, ...this.others].map((member) => member.kill()));
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** One member of the cluster. */
export class EtcdMember {
  private process: ChildProcess | undefined;
  log = '';

  constructor(
    private readonly file: string,
    readonly port: number,
    /** Its client address. */
    readonly url: string,
    private readonly words: readonly string[],
  ) {}

  get running(): boolean {
    return this.process !== undefined;
  }

  /** Starts it, again with the same data if it was stopped; it listens when this resolves. */
  async start(): Promise<void> {
    const child = spawn(this.file, this.words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch === 'arm64' ? 'arm64' : '' },
    });
    this.process = child;
    this.log = '';
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.log = (this.log + text).slice(-100_000)));
    await until(`etcd on port ${this.port}`, async () => {
      if (child.exitCode !== null) throw new Error(`etcd ended: ${this.log}`);
      return accepts(this.port);
    });
  }

  /** How often somebody has logged in, or tried to, as it counts itself. */
  async logins(): Promise<number> {
    const metrics = await (await fetch(`${this.url}/metrics`)).text();
    const [, count = '0'] =
      /^grpc_server_started_total\{grpc_method="Authenticate",.*\} (\d+)$/m.exec(metrics) ?? [];
    return Number(count);
  }

  /** Kills it at once, like a crash. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** It keeps its connections but answers nothing, until `thaw`. */
  async freeze(): Promise<void> {
    await standStill(this.process!.pid!);
  }

  thaw(): void {
    this.process!.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    if (!child) return;
    this.process = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

async function makeCertificates(directory: string): Promise<EtcdCertificates> {
  const [own, stranger] = await Promise.all([authority(directory, 'own'), authority(directory, 'stranger')]);
  return {
    ca: own.ca,
    server: own.server,
    client: own.client,
    stranger: { ca: stranger.ca, ...stranger.client },
  };
}

/** An authority with a certificate for 127.0.0.1 and etcd.example, and one for the user `client`. */
async function authority(directory: string, name: string) {
  const file = async (kind: string, pem: string) => {
    const target = path.join(directory, `${name}-${kind}.pem`);
    await writeFile(target, pem, { mode: 0o600 });
    return target;
  };
  const basic = { algorithm: 'sha256', keyType: 'ec', curve: 'P-256' } as const;
  const root = await generate([{ name: 'commonName', value: `authority ${name}` }], {
    ...basic,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signed = async (commonName: string) => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: commonName }], {
      ...basic,
      ca: { key: root.private, cert: root.cert },
      extensions: [
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 7, ip: '127.0.0.1' },
            { type: 2, value: 'etcd.example' },
          ],
        },
      ],
    });
    return { cert: await file(`${commonName}-cert`, cert), key: await file(`${commonName}-key`, key) };
  };
  return { ca: await file('ca', root.cert), server: await signed('server'), client: await signed('client') };
}
