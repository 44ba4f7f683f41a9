import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { MusterError } from '../errors';
import type { Logger } from '../host';
import { t } from '../l10n';
import { FileCache } from './fileCache';
import { type MatchContext, matches } from './sshConfigMatch';
import { type Directive, directivesIn, SshConfigFile, wordsOf } from './sshConfigFile';
import { expandCommand, expandPath } from './sshTokens';
import { matchesPatternList, matchesWildcard } from './wildcard';

/** What ssh_config says about a host, tokens and `~` expanded. */
export interface ConfiguredHost {
  hostName?: string;
  user?: string;
  port?: number;
  identityFiles: readonly string[];
  identitiesOnly?: boolean;
  /** A socket, or `none`. */
  identityAgent?: string;
  /** Empty for `none`. */
  proxyJump?: readonly string[];
  /** With its tokens. */
  proxyCommand?: string;
  connectTimeoutMs?: number;
  knownHosts?: readonly string[];
  hostKeyAlias?: string;
  keepaliveMs?: number;
}

/** As OpenSSH's READCONF_MAX_DEPTH. */
const maxIncludeDepth = 16;
/** For how many milliseconds the files that an `Include` names are taken as the same. */
const includesFreshMs = 200;

/** Evaluates ssh_config files for a host; the files are parsed once and read again when they change. */
export class SshConfig {
  private readonly files = new FileCache((_file, text) => new SshConfigFile(text));
  private readonly included = new Map<string, { at: number; files: Promise<string[]> }>();

  constructor(
    private readonly logger: Logger,
    /** Where relative includes start, and whose files may run commands in `Match exec`. */
    private readonly userFolder = path.join(homedir(), '.ssh'),
    /** False: no `Match exec` is run, and none matches. */
    private readonly mayExecute = true,
  ) {}

  /**
   * @param alias the name given, which `Host` patterns are compared with
   * @throws MusterError INVENTORY when a file is there and cannot be read
   */
  async resolve(alias: string, files: readonly string[], user?: string): Promise<ConfiguredHost> {
    const values = new ConfigValues(alias, user);
    await this.pass(values, files, false);
    // `Match final` asks for the files to be read once more, with what was found.
    if (values.wantsFinalPass) await this.pass(values, files, true);
    return values.result();
  }

  private async pass(values: ConfigValues, files: readonly string[], final: boolean): Promise<void> {
    for (const file of files) {
      const expanded = path.resolve(expandPath(file, values.tokens()));
      await this.evaluate(await this.load(expanded, values.alias), {
        values,
        final,
        file: expanded,
        chain: [expanded],
      });
    }
  }

  private async evaluate(directives: readonly Directive[], place: Place): Promise<void> {
    for (const directive of directives) {
      const keyword = directive.param.toLowerCase();
      const words = wordsOf(directive);
      if (keyword === 'host') {
        const concerned = matchesPatternList(words, place.values.alias);
        if (concerned) await this.evaluate(directivesIn(directive), place);
      } else if (keyword === 'match') {
        const concerned = await matches(words, this.matchContext(place));
        if (concerned) await this.evaluate(directivesIn(directive), place);
      } else if (keyword === 'include') {
        for (const pattern of words) await this.include(pattern, place);
      } else place.values.add(keyword, directive);
    }
  }

  private matchContext({ values, final, file }: Place): MatchContext {
    const own = [this.userFolder, '/etc/ssh'].some((folder) => file.startsWith(folder + path.sep));
    return {
      alias: values.alias,
      host: values.hostName,
      user: values.user,
      final,
      askForFinal: () => (values.wantsFinalPass = true),
      expand: (command) => expandCommand(command, values.tokens()),
      mayExecute: this.mayExecute && own,
      warn: (message) => this.logger.warn(`${file}: ${message}`),
    };
  }

  private async include(pattern: string, place: Place): Promise<void> {
    const absolute = path.resolve(this.userFolder, expandPath(pattern, place.values.tokens()));
    for (const file of await this.filesMatching(absolute)) {
      if (place.chain.includes(file) || place.chain.length >= maxIncludeDepth) {
        this.logger.warn(t('{0}: passed over a cyclic or too deep Include of {1}', place.file, file));
        continue;
      }
      await this.evaluate(await this.load(file, place.values.alias), {
        ...place,
        file,
        chain: [...place.chain, file],
      });
    }
  }

  /** Asked for every host of a fan-out: answers are kept for a moment. */
  private filesMatching(pattern: string): Promise<string[]> {
    let known = this.included.get(pattern);
    if (!known || performance.now() - known.at > includesFreshMs) {
      known = { at: performance.now(), files: filesMatching(pattern) };
      this.included.set(pattern, known);
    }
    return known.files;
  }

  private async load(file: string, alias: string): Promise<Directive[]> {
    try {
      return (await this.files.load(file))?.directivesFor(alias) ?? [];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new MusterError('INVENTORY', t('cannot read {0}: {1}', file, message), {
        phase: 'connect',
        hint: t('Correct the file, or take it out of the imports.'),
        cause: error,
      });
    }
  }
}

interface Place {
  values: ConfigValues;
  final: boolean;
  file: string;
  /** Files included in one another, outermost first. */
  chain: readonly string[];
}

/** The first value of each keyword wins, as in ssh_config(5); identity files add up. */
class ConfigValues {
  wantsFinalPass = false;
  private readonly values = new Map<string, Directive>();
  private readonly identityFiles: string[] = [];

  constructor(
    readonly alias: string,
    private readonly givenUser: string | undefined,
  ) {}

  get hostName(): string {
    return this.text('hostname')?.replace(/%[hn]/g, this.alias).replaceAll('%%', '%') ?? this.alias;
  }

  get user(): string | undefined {
    return this.givenUser ?? this.text('user');
  }

  add(keyword: string, line: Directive): void {
    if (keyword === 'identityfile') {
      const [file] = wordsOf(line);
      if (file !== undefined && !this.identityFiles.includes(file)) this.identityFiles.push(file);
      return;
    }
    // A jump and a command exclude each other: whichever comes first wins.
    if (keyword === 'proxyjump' && this.values.has('proxycommand')) return;
    if (keyword === 'proxycommand' && this.values.has('proxyjump')) return;
    if (!this.values.has(keyword)) this.values.set(keyword, line);
  }

  tokens() {
    return { alias: this.alias, host: this.hostName, port: this.number('port'), user: this.user };
  }

  result(): ConfiguredHost {
    const tokens = this.tokens();
    const expanded = (words: readonly string[]) => words.map((word) => expandPath(word, tokens));
    const seconds = (keyword: string) => {
      const value = this.number(keyword);
      return value === undefined || value <= 0 ? undefined : value * 1000;
    };
    const jump = this.text('proxyjump');
    const command = this.commandLine();
    const agent = this.text('identityagent');
    const knownHosts = this.values.get('userknownhostsfile');
    return {
      hostName: this.values.has('hostname') ? this.hostName : undefined,
      user: this.text('user'),
      port: tokens.port,
      identityFiles: expanded(this.identityFiles.filter((file) => file !== 'none')),
      identitiesOnly: this.text('identitiesonly')?.toLowerCase().startsWith('y'),
      identityAgent: agent === undefined ? undefined : expandPath(agent, tokens),
      proxyJump: jump === undefined ? undefined : jump === 'none' ? [] : jump.split(','),
      proxyCommand: command === 'none' ? undefined : command,
      connectTimeoutMs: seconds('connecttimeout'),
      knownHosts: knownHosts && expanded(wordsOf(knownHosts).filter((file) => file !== 'none')),
      hostKeyAlias: this.text('hostkeyalias'),
      keepaliveMs: seconds('serveraliveinterval'),
    };
  }

  private text(keyword: string): string | undefined {
    const line = this.values.get(keyword);
    return line && wordsOf(line).join(' ');
  }

  private number(keyword: string): number | undefined {
    const value = Number(this.text(keyword));
    return Number.isInteger(value) ? value : undefined;
  }

  /** ProxyCommand as it was written: its quotes belong to the shell. */
  private commandLine(): string | undefined {
    const value = this.values.get('proxycommand')?.value;
    if (value === undefined || typeof value === 'string') return value;
    return value
      .map(({ val, separator, quoted }) => `${separator}${quoted ? `"${val.replace(/"/g, '\\"')}"` : val}`)
      .join('')
      .trim();
  }
}

/** Files that a pattern names; wildcards in any part of the path but never over `/`. */
async function filesMatching(pattern: string): Promise<string[]> {
  const { root } = path.parse(pattern);
  let found = [root];
  for (const part of pattern.slice(root.length).split(path.sep)) {
    if (!/[*?]/.test(part)) found = found.map((folder) => path.join(folder, part));
    else {
      const inFolders = found.map(async (folder) => {
        const names = await readdir(folder).catch(() => []);
        return names
          .filter((name) => matchesWildcard(part, name) && (!name.startsWith('.') || part.startsWith('.')))
          .sort()
          .map((name) => path.join(folder, name));
      });
      found = (await Promise.all(inFolders)).flat();
    }
  }
  return found;
}
