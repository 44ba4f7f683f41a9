import path from 'node:path';
import { homeFolder } from '../../../files/homeFolder';
import { MusterError } from '../../../errors/errors';
import { plainAddressProblem } from '../../../inventory/hostName';
import type { Host, SshSettings } from '../../../inventory/model';
import { t } from '../../../l10n/l10n';
import { type DefaultKnownHosts, defaultKnownHosts } from '../trust/knownHostsStore';
import { parseJump } from './proxyJump';
import type { ConfiguredHost, SshConfig } from '../config/sshConfig';
import { expandCommand, expandPath, localUser } from '../config/sshTokens';

/** Where to connect to and how, everything resolved. */
export interface SshTarget {
  /** Connections with the same key are interchangeable. */
  readonly key: string;
  /** The inventory name, or what names the jump. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The name looked up in known_hosts in place of address and port. */
  readonly hostKeyAlias: string | undefined;
  readonly knownHosts: KnownHostsFiles;
  readonly identity: IdentitySettings;
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number | undefined;
  /** The jump to connect through. */
  readonly via: SshTarget | undefined;
  /** Command whose input and output are the connection, tokens expanded. */
  readonly proxyCommand: string | undefined;
}

/** Whose word about the host's key counts, and how much. */
export interface KnownHostsFiles {
  /** Those of the user and the machine: nothing overrides them. */
  readonly own: readonly string[];
  /** Those that the inventory names or brings along; undefined where it names none. */
  readonly named: readonly string[] | undefined;
  /** Whether it is the inventory that says under which name the host is known. */
  readonly isAliasOfProject: boolean;
  /** Whether it is the inventory that says through what the host is reached. */
  readonly isRouteOfProject: boolean;
}

export interface IdentitySettings {
  /** Absolute paths, in the order to try. */
  readonly files: readonly string[];
  /** Certificates that were named; undefined where those beside the identity files count. */
  readonly certificates: readonly string[] | undefined;
  /** Whether the files were named rather than being OpenSSH's defaults. */
  readonly explicit: boolean;
  /** Offer no other keys of the agent. */
  readonly only: boolean;
  /** The agent's socket or pipe, in place of the one that the environment names; `none` for no agent. */
  readonly agent: string | undefined;
}

export interface TargetOptions {
  inventoryHost: (name: string) => Host | undefined;
  /** Settings for jumps that are not in the inventory. */
  defaultSsh: () => SshSettings;
  config: SshConfig;
  /** ssh_config files in which the aliases of jumps are looked up. */
  configFiles: readonly string[];
  /** By default OpenSSH's own. */
  knownHosts?: DefaultKnownHosts | undefined;
  /** Reads the known_hosts files out of `configFiles` that the user names for an address; runs no command. */
  trustConfig?: SshConfig | undefined;
}

const defaultConnectTimeoutMs = 5000;
const defaultIdentityFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) =>
  path.join(homeFolder(), '.ssh', name),
);
/** For how long the answer for an address is taken as the same: it is asked for with every command on a host. */
const userFilesFreshMs = 10_000;
const maxUserFiles = 10_000;
const noConfiguration: ConfiguredHost = {};

/** Settings for a host; what is missing comes from ssh_config. */
interface Named {
  name: string;
  address: string;
  ssh: SshSettings;
  /** What holds where ssh_config says nothing either. */
  fallback?: SshSettings;
  /** How to reach it, in place of its own settings. */
  via?: SshTarget;
  /** Whether the inventory says that it is a jump. */
  isJumpOfProject?: boolean;
}

/** Finds out how hosts and jumps are reached. */
export class TargetResolver {
  private readonly userFiles = new Map<string, { at: number; files: Promise<readonly string[]> }>();

  constructor(private readonly options: TargetOptions) {}

  /** @throws MusterError INVENTORY for an unusable ssh_config or address, a cyclic or a malformed jump */
  resolve(host: Host): Promise<SshTarget> {
    return this.target(host, [host.name]);
  }

  /** `way` are the names passed so far, to find cycles. */
  private async target(named: Named, way: readonly string[]): Promise<SshTarget> {
    const { name, ssh, fallback = {} } = named;
    const configured =
      ssh.configFiles && ssh.configFiles.length > 0
        ? await this.options.config.resolve(name, ssh.configFiles, ssh.user)
        : noConfiguration;
    // What the inventory shows was read without running a `Match exec`: ssh_config itself has the last word.
    const address = configured.hostName ?? named.address;
    const fault = plainAddressProblem(address);
    if (fault !== undefined)
      throw new MusterError('INVENTORY', t('{0} has no address to connect to: {1}', name, fault), {
        phase: 'connect',
        hint: t('Write the address in ASCII in the inventory, in the jump, or as HostName in ssh_config.'),
      });
    const user = ssh.user ?? configured.user ?? fallback.user ?? localUser();
    const port = ssh.port ?? configured.port ?? 22;
    const jump = configured.proxyJump?.at(-1);
    const tokens = {
      ...{ alias: name, host: address, port, user, hostKeyAlias: configured.hostKeyAlias },
      ...(jump !== undefined && { jump: parseJump(jump).host }),
    };
    const expanded = (files: readonly string[] | undefined) => files?.map((file) => expandPath(file, tokens));
    const files = expanded(ssh.identityFile) ?? configured.identityFiles ?? expanded(fallback.identityFile);
    const certificates =
      expanded(ssh.certificateFile) ?? configured.certificateFiles ?? expanded(fallback.certificateFile);
    const ownRoute = ssh.proxyJump !== undefined || ssh.proxyCommand !== undefined;
    const jumps = (ownRoute ? ssh.proxyJump : configured.proxyJump) ?? [];
    const command = named.via ? undefined : ownRoute ? ssh.proxyCommand : configured.proxyCommand;
    const isRouteOfProject = ownRoute || configured.ofProject?.has('route') === true;
    const via =
      named.via ??
      (jumps.length > 0
        ? await this.chain(jumps, { ...fallback, ...ssh }, way, isRouteOfProject)
        : undefined);
    const settings = {
      name,
      address,
      port,
      user,
      hostKeyAlias: configured.hostKeyAlias,
      knownHosts: {
        ...this.knownHosts(named, configured, await this.namedByUser(address), expanded),
        isRouteOfProject: named.via
          ? named.isJumpOfProject === true
          : isRouteOfProject && (via !== undefined || command !== undefined),
      },
      identity: {
        files: files ?? defaultIdentityFiles,
        certificates,
        explicit: files !== undefined,
        only: ssh.identitiesOnly ?? configured.identitiesOnly ?? fallback.identitiesOnly ?? false,
        agent: configured.identityAgent,
      },
      connectTimeoutMs:
        ssh.connectTimeoutMs ??
        configured.connectTimeoutMs ??
        fallback.connectTimeoutMs ??
        defaultConnectTimeoutMs,
      keepaliveMs: configured.keepaliveMs,
      via,
      proxyCommand: via || command === undefined ? undefined : expandCommand(command, tokens),
    };
    return { ...settings, key: keyOf(settings) };
  }

  /** The known_hosts files of the user's ssh_config for an address that ssh_config is not asked about otherwise. */
  private namedByUser(address: string): Promise<readonly string[]> {
    const { trustConfig } = this.options;
    if (!trustConfig) return Promise.resolve([]);
    let known = this.userFiles.get(address);
    if (!known || performance.now() - known.at > userFilesFreshMs) {
      if (this.userFiles.size >= maxUserFiles) this.userFiles.clear();
      known = { at: performance.now(), files: this.findNamedByUser(address, trustConfig) };
      this.userFiles.set(address, known);
    }
    return known.files;
  }

  private async findNamedByUser(address: string, trustConfig: SshConfig): Promise<readonly string[]> {
    const { configFiles } = this.options;
    // What is wrong in it is the business of hosts that are looked up there.
    const found = await trustConfig.resolve(address, configFiles).catch(() => undefined);
    const { knownHosts, globalKnownHosts, ofProject } = found ?? noConfiguration;
    return [
      ...((!ofProject?.has('knownHosts') && knownHosts) || []),
      ...((!ofProject?.has('globalKnownHosts') && globalKnownHosts) || []),
    ];
  }

  private knownHosts(
    { name, address, ssh, fallback }: Named,
    configured: ConfiguredHost,
    namedByUser: readonly string[],
    expanded: (files: readonly string[] | undefined) => string[] | undefined,
  ): Omit<KnownHostsFiles, 'isRouteOfProject'> {
    const { user, global } = this.options.knownHosts ?? defaultKnownHosts;
    const { knownHosts, globalKnownHosts, ofProject } = configured;
    const isOwnUser = knownHosts !== undefined && !ofProject?.has('knownHosts');
    const isOwnGlobal = globalKnownHosts !== undefined && !ofProject?.has('globalKnownHosts');
    // Where the inventory says which machine it is, what the user said about the name is about another one.
    const isOwnAddress = configured.hostName === undefined ? address === name : !ofProject?.has('hostName');
    const all = [
      ...(isOwnUser ? knownHosts : []),
      ...(isOwnUser && isOwnAddress ? [] : user),
      ...(isOwnGlobal ? globalKnownHosts : []),
      ...(isOwnGlobal && isOwnAddress ? [] : global),
      // What the user says about the very name counts alone, as for OpenSSH.
      ...(isOwnUser && isOwnAddress ? [] : namedByUser),
    ].map((file) => path.resolve(file));
    const own = [...new Set(all)];
    const brought = [...((!isOwnUser && knownHosts) || []), ...((!isOwnGlobal && globalKnownHosts) || [])];
    const broughtAny = ofProject?.has('knownHosts') || ofProject?.has('globalKnownHosts');
    const named = expanded(ssh.knownHosts) ?? (broughtAny ? brought : expanded(fallback?.knownHosts));
    const added = named?.map((file) => path.resolve(file)).filter((file) => !own.includes(file));
    return {
      own,
      // One that names the user's own files only brings nothing along.
      named: added?.length === 0 && named!.length > 0 ? undefined : added,
      isAliasOfProject:
        configured.hostKeyAlias !== undefined && (ofProject?.has('hostKeyAlias') === true || !isOwnAddress),
    };
  }

  /** The last of the jumps; each is reached through the one before, the first one in its own way. */
  private async chain(
    jumps: readonly string[],
    from: SshSettings,
    way: readonly string[],
    isJumpOfProject: boolean,
  ): Promise<SshTarget> {
    let via: SshTarget | undefined;
    const passed = [...way];
    for (const jump of jumps) {
      if (passed.includes(jump)) {
        throw new MusterError('INVENTORY', t('cyclic proxyJump: {0}', [...passed, jump].join(' → ')), {
          phase: 'connect',
          hint: t('Take one of the jumps out of ssh.proxyJump.'),
        });
      }
      passed.push(jump);
      const named = { ...this.jump(jump, from), isJumpOfProject };
      via = await this.target({ ...named, ...(via && { via }) }, passed);
    }
    return via!;
  }

  /** An inventory host, an ssh_config alias or `user@host:port`. */
  private jump(text: string, from: SshSettings): Named {
    const { inventoryHost, defaultSsh, configFiles } = this.options;
    const { user, host, port } = parseJump(text);
    const own = { ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
    const known = inventoryHost(text) ?? inventoryHost(host);
    // What a source found is nothing to lead through: whoever registers a host would choose the way to others.
    if (known && !known.foundBy)
      return { name: known.name, address: known.address, ssh: { ...known.ssh, ...own } };
    // How to authenticate and whom to trust is as for the host behind it, but not as whom to log in.
    const { user: defaultUser } = defaultSsh();
    const fallback = { ...from, user: defaultUser };
    return {
      name: host,
      address: host,
      ssh: { configFiles: from.configFiles ?? configFiles, ...own },
      fallback,
    };
  }
}

function keyOf({ via, name: _, connectTimeoutMs: __, ...settings }: Omit<SshTarget, 'key'>): string {
  return JSON.stringify([settings, via?.key]);
}
