import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { descendants, parentsOf } from './descendants';
import { freePort } from './ports';
import { standStill } from './standStill';
import { until } from './until';

const run = promisify(execFile);
const sshdPath = '/usr/sbin/sshd';
const startsAtOnce = 8;

export interface SshdOptions {
  /** An address of 127.0.0.0/8. */
  address?: string;
  port?: number;
  /** More lines of sshd_config; they win over the harness's own. */
  config?: readonly string[];
  hostKeyTypes?: readonly ('ed25519' | 'rsa' | 'ecdsa')[];
  /** The daemon uses this host key instead of its own. */
  hostKey?: string;
  /** Words of a command that ends in running what comes after them, in the same process. */
  within?: readonly string[];
}

/** Real OpenSSH daemons in a temporary folder: each with its own host keys, killed with what they run on dispose. */
export class SshdFarm implements AsyncDisposable {
  private readonly daemons: Sshd[] = [];
  private serial = 0;

  private constructor(
    readonly directory: string,
    /** The private key that every daemon accepts for the current user. */
    readonly clientKey: string,
  ) {}

  static async create(): Promise<SshdFarm> {
    if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    const directory = await mkdtemp(path.join(tmpdir(), 'muster-sshd-'));
    const clientKey = await generateKey(path.join(directory, 'client'), 'ed25519');
    await writeFile(path.join(directory, 'authorized_keys'), await readFile(`${clientKey}.pub`), {
      mode: 0o600,
    });
    return new SshdFarm(directory, clientKey);
  }

  /** Starts a daemon and resolves when it listens. */
  async start(options: SshdOptions = {}): Promise<Sshd> {
    const directory = path.join(this.directory, `sshd-${++this.serial}`);
    await mkdir(directory);
    const daemon = await Sshd.start(directory, path.join(this.directory, 'authorized_keys'), options);
    this.daemons.push(daemon);
    return daemon;
  }

  /** Starts `count` daemons, a few at a time, each on an address of its own. */
  async startMany(count: number, options: SshdOptions = {}): Promise<Sshd[]> {
    const addresses = Array.from(
      { length: count },
      (_, index) => `127.${20 + Math.floor(index / 250)}.1.${1 + (index % 250)}`,
    );
    const daemons: Sshd[] = [];
    for (let begin = 0; begin < count; begin += startsAtOnce) {
      const batch = addresses.slice(begin, begin + startsAtOnce);
      daemons.push(...(await Promise.all(batch.map((address) => this.start({ ...options, address })))));
    }
    return daemons;
  }

  /** Lets the holder of another public key in. */
  async authorize(publicKeyFile: string): Promise<void> {
    const file = path.join(this.directory, 'authorized_keys');
    await writeFile(file, await readFile(publicKeyFile), { flag: 'a' });
  }

  /** A file in the farm's folder. */
  async write(name: string, content: string, mode = 0o600): Promise<string> {
    const file = path.join(this.directory, name);
    await writeFile(file, content, { mode });
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.stop()));
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** One OpenSSH daemon. */
export class Sshd {
  private process: ChildProcess | undefined;
  private orphans: readonly number[] = [];
  log = '';

  private constructor(
    readonly address: string,
    readonly port: number,
    readonly directory: string,
    /** Private host key files, the first being the preferred one. */
    readonly hostKeys: readonly string[],
    private readonly configFile: string,
    private readonly within: readonly string[],
  ) {}

  static async start(directory: string, authorizedKeys: string, options: SshdOptions): Promise<Sshd> {
    const address = options.address ?? '127.0.0.1';
    const hostKeys =
      options.hostKey === undefined
        ? await Promise.all(
            (options.hostKeyTypes ?? ['ed25519']).map((type) =>
              generateKey(path.join(directory, `host_${type}`), type),
            ),
          )
        : [options.hostKey];
    const port = options.port ?? (await freePort(address));
    const configFile = path.join(directory, 'sshd_config');
    await writeFile(
      configFile,
      [
        ...(options.config ?? []),
        `ListenAddress ${address}:${port}`,
        ...hostKeys.map((file) => `HostKey ${file}`),
        `AuthorizedKeysFile ${authorizedKeys}`,
        'PidFile none',
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'StrictModes no',
        'PermitRootLogin yes',
        'MaxStartups 1000',
        'MaxSessions 100',
        'PrintMotd no',
        'PrintLastLog no',
        // The login shell would source the user's own files.
        'SetEnv HOME=',
        'LogLevel VERBOSE',
        '',
      ].join('\n'),
    );
    const daemon = new Sshd(address, port, directory, hostKeys, configFile, options.within ?? []);
    await daemon.resume();
    return daemon;
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  /** The process id of the daemon while it runs. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Starts it again on the same port with the same keys. */
  async resume(): Promise<void> {
    const [program = sshdPath, ...words] = [...this.within, sshdPath, '-D', '-e', '-f', this.configFile];
    const child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.process = child;
    const begin = this.log.length;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    await until(`sshd on ${this.address}:${this.port}`, () => {
      if (child.exitCode !== null) throw new Error(`sshd ended: ${this.log}`);
      return this.log.includes('Server listening', begin);
    });
  }

  /** Kills the daemon, its connections and what they run. */
  async stop(): Promise<void> {
    const child = this.process;
    if (!child) return;
    this.process = undefined;
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    const below = descendants(child.pid!);
    child.kill('SIGKILL');
    kill([...below, ...this.orphans]);
    await exited;
  }

  /** Kills the connections and what they run, but not the daemon. */
  async dropConnections(): Promise<void> {
    kill(descendants(this.process!.pid!));
  }

  /** Process ids of its connections and of what they run. */
  async children(): Promise<number[]> {
    return childrenOf([this]);
  }

  /** Process ids of its connections. */
  async connections(): Promise<number[]> {
    return [...parentsOf()].filter(([, parent]) => parent === this.pid).map(([id]) => id);
  }

  /** Kills the daemon alone: its connections stay until `stop`. */
  async stopListening(): Promise<void> {
    const child = this.process!;
    this.orphans = await this.children();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** It takes connections and says nothing, until `thaw`. */
  async freeze(): Promise<void> {
    await standStill(this.process!.pid!);
  }

  thaw(): void {
    this.process!.kill('SIGCONT');
  }

  /** Authenticated connections so far. */
  get logins(): number {
    return this.log.split('Accepted publickey').length - 1;
  }

  /** The line that trusts this daemon. */
  async knownHostsLine(key = this.hostKeys[0]!, name = `[${this.address}]:${this.port}`): Promise<string> {
    const [type, base64] = (await readFile(`${key}.pub`, 'utf8')).split(' ');
    return `${name} ${type} ${base64}\n`;
  }
}

/** Process ids of the connections of these daemons, and of what they run. */
export const childrenOf = (daemons: readonly Sshd[]): number[] =>
  descendants(...daemons.flatMap(({ pid }) => pid ?? []));

/** Options of ssh-keygen; primes of the size that it takes by itself are looked for for seconds. */
export const keyType = (type: string): string[] => ['-t', type, ...(type === 'rsa' ? ['-b', '2048'] : [])];

/** `rounds` make a passphrase slow to try: those that ssh-keygen takes by itself, 24, cost Muster half a second each time. */
export async function generateKey(
  file: string,
  type: 'ed25519' | 'rsa' | 'ecdsa',
  { passphrase = '', format = 'OpenSSH', comment = 'test', rounds = 4 } = {},
): Promise<string> {
  const arguments_ = ['-q', ...keyType(type), '-a', `${rounds}`, '-N', passphrase, '-C', comment, '-f', file];
  if (format !== 'OpenSSH') arguments_.push('-m', format);
  await run('ssh-keygen', arguments_);
  return file;
}

/** Kills processes at once, those that have not ended by themselves. */
export function kill(processes: readonly number[]): void {
  for (const process_ of processes) {
    try {
      process.kill(process_, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}
