import { MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import { parseJump } from '../pool/proxyJump';
import { type ConfigProblem, type Directive, nameOf } from './sshConfigFile';
import type { ValueKeyword as Keyword } from './sshConfigKeywords';
import { expandPath, type TokenValues } from './sshTokens';

/** What ssh_config says about a host, tokens and `~` expanded; what it does not say is missing. */
export interface ConfiguredHost {
  hostName?: string | undefined;
  user?: string | undefined;
  port?: number | undefined;
  /** Empty for `none`. */
  identityFiles?: readonly string[] | undefined;
  /** Empty for `none`. */
  certificateFiles?: readonly string[] | undefined;
  identitiesOnly?: boolean | undefined;
  /** A socket, or `none`. */
  identityAgent?: string | undefined;
  /** Empty for `none`. */
  proxyJump?: readonly string[] | undefined;
  /** With its tokens. */
  proxyCommand?: string | undefined;
  connectTimeoutMs?: number | undefined;
  /** The user's known_hosts files; empty for `none`. */
  knownHosts?: readonly string[] | undefined;
  /** Those of the machine; empty for `none`. */
  globalKnownHosts?: readonly string[] | undefined;
  hostKeyAlias?: string | undefined;
  keepaliveMs?: number | undefined;
  /** Which of these a file says that is not the user's own. */
  ofProject?:
    ReadonlySet<'hostName' | 'knownHosts' | 'globalKnownHosts' | 'hostKeyAlias' | 'route'> | undefined;
}

/** The keywords that Muster honours, each with what reads its value; an Error says why it cannot be used. */
const readers = {
  hostname: (directive: Directive) => {
    const name = text(directive);
    const [token] = /%(?![%h]).?/.exec(name.replaceAll('%%', '')) ?? [];
    if (token === undefined) return name;
    throw new Error(t('{0}: {1} does not stand for anything in it', nameOf(directive), token));
  },
  user: text,
  tag: text,
  hostkeyalias: text,
  identityagent: text,
  port: oneOf((word) => {
    const port = word === 'ssh' ? 22 : /^\+?\d+$/.test(word) ? Number(word) : 0;
    return port >= 1 && port <= 65535 ? port : undefined;
  }),
  identitiesonly: oneOf(choice({ yes: true, true: true, no: false, false: false })),
  canonicalizehostname: oneOf(choice({ yes: true, true: true, always: true, no: false, false: false })),
  connecttimeout: oneOf(seconds),
  serveraliveinterval: oneOf(seconds),
  userknownhostsfile: files,
  globalknownhostsfile: files,
  proxycommand: ({ rest }: Directive) => rest,
  proxyjump: ({ rest }: Directive) => {
    if (/^none$/i.test(rest)) return [];
    const jumps = rest.replace(/#.*$/s, '').trimEnd().split(',');
    for (const jump of jumps) parseJump(jump);
    return jumps;
  },
  identityfile: text,
  certificatefile: text,
} satisfies Record<Keyword, (directive: Directive) => unknown>;

type Value<K extends Keyword> = ReturnType<(typeof readers)[K]>;

/** Other names that OpenSSH knows these keywords by. */
const aliases: Record<string, Keyword> = { identityfile2: 'identityfile' };

/** Where the value of one of these cannot be used, Muster's own does no harm: the host is not refused. */
const harmless: ReadonlySet<string> = new Set<Keyword>(['connecttimeout', 'serveraliveinterval']);

/** Those whose values add up. */
const additive = ['identityfile', 'certificatefile'] as const;
type Additive = (typeof additive)[number];

const isAdditive = (keyword: Keyword): keyword is Additive =>
  (additive as readonly Keyword[]).includes(keyword);

/** The first value of each keyword wins, as in ssh_config(5); identity and certificate files add up. */
export class ConfigValues {
  /** Whether `Match final` or canonical names ask for a second reading. */
  wantsFinalPass = false;
  /** The values that cannot be used. */
  readonly faults = new Map<Keyword, ConfigProblem>();
  private readonly values: { [K in Keyword]?: Value<K> } = {};
  private readonly places = new Map<Keyword, Directive>();
  private readonly added: Record<Additive, Map<string, Directive>> = {
    identityfile: new Map(),
    certificatefile: new Map(),
  };

  constructor(
    readonly alias: string,
    private readonly givenUser: string | undefined,
    /** Whether the file is one of the user or the machine, and not one that a project brings along. */
    private readonly isOwn: (file: string) => boolean = () => true,
  ) {}

  /** The name to connect to, so far; in lower case where it is not the name given. */
  get hostName(): string {
    const tokens: Record<string, string> = { '%%': '%', '%h': this.alias };
    return this.values.hostname?.replace(/%[%h]/g, (token) => tokens[token]!).toLowerCase() ?? this.alias;
  }

  get user(): string | undefined {
    return this.givenUser ?? this.values.user;
  }

  get tag(): string | undefined {
    return this.values.tag;
  }

  /** From now on the name is what was found, tokens expanded. */
  fixHostName(): void {
    this.values.hostname = this.hostName.replaceAll('%', '%%');
  }

  add(directive: Directive): void {
    const keyword = aliases[directive.keyword] ?? (directive.keyword as Keyword);
    if (!Object.hasOwn(readers, keyword)) return;
    if (isAdditive(keyword)) {
      const file = this.read(directive, keyword);
      const files = this.added[keyword];
      if (file !== undefined && !files.has(file)) files.set(file, directive);
      return;
    }
    if (keyword in this.values || this.faults.has(keyword)) return;
    // A jump and a command exclude each other: whichever comes first wins, except over a jump of `none`.
    if (keyword === 'proxyjump' && this.values.proxycommand !== undefined) return;
    if (keyword === 'proxycommand' && this.values.proxyjump && this.values.proxyjump.length > 0) return;
    const value = this.read(directive, keyword);
    if (value === undefined || value === null) return;
    Object.assign(this.values, { [keyword]: value });
    this.places.set(keyword, directive);
    if (keyword === 'canonicalizehostname' && value === true) this.wantsFinalPass = true;
  }

  tokens(): TokenValues {
    const jump = this.values.proxyjump?.at(-1);
    return {
      alias: this.alias,
      host: this.hostName.toLowerCase(),
      ...(this.values.port !== undefined && { port: this.values.port }),
      ...(this.user !== undefined && { user: this.user }),
      hostKeyAlias: this.values.hostkeyalias,
      ...(jump !== undefined && { jump: parseJump(jump).host }),
    };
  }

  /** @throws MusterError INVENTORY for a value that cannot be used: another host would be reached, or otherwise */
  result(): ConfiguredHost {
    for (const [keyword, fault] of this.faults) if (!harmless.has(keyword)) throw unusable(fault);
    const { values } = this;
    const expandedFiles = (keyword: 'userknownhostsfile' | 'globalknownhostsfile') =>
      values[keyword]?.map((file) => this.expanded(file, this.places.get(keyword)!));
    const command = values.proxycommand;
    return {
      hostName: values.hostname === undefined ? undefined : this.hostName,
      user: values.user,
      port: values.port,
      identityFiles: this.addedFiles('identityfile'),
      certificateFiles: this.addedFiles('certificatefile'),
      identitiesOnly: values.identitiesonly,
      identityAgent: this.agent(),
      // With a comment behind it, `none` is a jump like others at first, which keeps a later command out.
      proxyJump: /^none$/i.test(values.proxyjump?.at(-1) ?? '') ? [] : values.proxyjump,
      proxyCommand: command === undefined || /^none$/i.test(command) ? undefined : command,
      connectTimeoutMs: values.connecttimeout ? values.connecttimeout * 1000 : undefined,
      knownHosts: expandedFiles('userknownhostsfile'),
      globalKnownHosts: expandedFiles('globalknownhostsfile'),
      hostKeyAlias: values.hostkeyalias?.toLowerCase(),
      keepaliveMs: values.serveraliveinterval ? values.serveraliveinterval * 1000 : undefined,
      ofProject: this.ofProject(),
    };
  }

  private addedFiles(keyword: Additive): string[] | undefined {
    const files = [...this.added[keyword]];
    if (files.length === 0) return undefined;
    return files.filter(([file]) => !/^none$/i.test(file)).map(([file, place]) => this.expanded(file, place));
  }

  private ofProject(): ConfiguredHost['ofProject'] {
    const isOfProject = (...keywords: Keyword[]) =>
      keywords.some((keyword) => {
        const place = this.places.get(keyword);
        return place !== undefined && !this.isOwn(place.range.file);
      });
    const told = {
      hostName: isOfProject('hostname'),
      knownHosts: isOfProject('userknownhostsfile'),
      globalKnownHosts: isOfProject('globalknownhostsfile'),
      hostKeyAlias: isOfProject('hostkeyalias'),
      route: isOfProject('proxyjump', 'proxycommand'),
    };
    const found = (Object.keys(told) as (keyof typeof told)[]).filter((name) => told[name]);
    return found.length > 0 ? new Set(found) : undefined;
  }

  /** `$NAME` is the variable of the environment; without it there is no agent. */
  private agent(): string | undefined {
    const agent = this.values.identityagent;
    if (agent === undefined) return undefined;
    if (/^\$[^{]/.test(agent)) return process.env[agent.slice(1)] ?? 'none';
    return this.expanded(agent, this.places.get('identityagent')!);
  }

  private read<K extends Keyword>(directive: Directive, keyword: K): Value<K> | undefined {
    try {
      if (directive.fault !== undefined) throw new Error(directive.fault);
      return readers[keyword](directive) as Value<K>;
    } catch (error) {
      const { message } = error as Error;
      if (!this.faults.has(keyword)) this.faults.set(keyword, { message, range: directive.range });
      return undefined;
    }
  }

  private expanded(file: string, place: Directive): string {
    try {
      return expandPath(file, this.tokens());
    } catch (error) {
      throw unusable({ message: `${nameOf(place)}: ${(error as Error).message}`, range: place.range });
    }
  }
}

function unusable({ message, range }: ConfigProblem): MusterError {
  return new MusterError('INVENTORY', `${range.file}:${range.line}: ${message}`, {
    phase: 'connect',
    hint: t('Correct this line: it decides how the host is reached.'),
  });
}

/** One argument, as it is. */
function text(directive: Directive): string {
  const [first, second] = directive.words;
  if (!first?.text) throw new Error(t('{0}: an argument is empty', nameOf(directive)));
  if (second) throw new Error(t('{0}: “{1}” is one argument too many', nameOf(directive), second.text));
  return first.text;
}

function oneOf<T>(parse: (word: string) => T | undefined): (directive: Directive) => T {
  return (directive) => {
    const word = text(directive);
    const value = parse(word);
    if (value === undefined) throw new Error(t('{0}: “{1}” is not a value of it', nameOf(directive), word));
    return value;
  };
}

function choice<T>(values: Record<string, T>): (word: string) => T | undefined {
  return (word) => (Object.hasOwn(values, word.toLowerCase()) ? values[word.toLowerCase()] : undefined);
}

const secondsIn: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A time such as `90`, `1m30s` or `1h`; null for `none`, after which a later value counts. */
function seconds(word: string): number | null | undefined {
  if (word === 'none') return null;
  if (!/^(\d+[smhdw]?)+$/i.test(word)) return undefined;
  const parts = [...word.matchAll(/(\d+)([smhdw]?)/gi)];
  const total = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * secondsIn[unit!.toLowerCase()]!,
    0,
  );
  return total <= 0x7fff_ffff ? total : undefined;
}

/** Paths, or none of them for `none`. */
function files(directive: Directive): string[] {
  const words = directive.words.map(({ text: word }) => word);
  if (words.includes('')) throw new Error(t('{0}: an argument is empty', nameOf(directive)));
  if (words.some((word) => /^none$/i.test(word)) && words.length > 1)
    throw new Error(t('{0}: “none” stands alone', nameOf(directive)));
  return words[0]?.toLowerCase() === 'none' ? [] : words;
}
