import { homedir } from 'node:os';
import path from 'node:path';
import { glob as matchesPatterns, parse, type Line, type Section, type SSHConfig } from 'ssh-config';
import { MusterError } from '../errors';
import { t } from '../l10n';
import { emptyFragment, type Fragment } from './fragment';
import type { FileAccess } from './fileAccess';
import { addressProblem, nameProblem } from './hostName';
import type { SourceRange, SshSettings } from './model';

/** As OpenSSH's READCONF_MAX_DEPTH. */
const maxIncludeDepth = 16;
const maxFiles = 1000;

/**
 * Imports the literal `Host` aliases of an ssh_config file and of what it includes. The file itself stays the source
 * of user, port, keys and jumps: the SSH layer reads it when it connects. `Match` is never evaluated here.
 * @throws MusterError INVENTORY when the file cannot be read
 */
export async function readSshConfig(
  file: string,
  defaults: SshSettings,
  files: FileAccess,
): Promise<Fragment> {
  const fragment = emptyFragment(file);
  const reader = new SshConfigReader(fragment, files);
  await reader.read(file, await files.read(file), [file], []);
  const ssh = { ...withoutConfigured(defaults), configFiles: [file] };
  for (const [name, source] of reader.aliases) {
    const address = reader.hostNameOf(name);
    const fault = nameProblem(name) ?? addressProblem(address);
    if (fault === undefined) fragment.hosts.push({ name, address, labels: {}, ssh, variables: {}, source });
    else {
      fragment.unsoundHosts.push(name);
      fragment.problems.push({ severity: 'error', message: fault, range: source });
    }
  }
  return fragment;
}

/** What ssh_config can say is left to it: the defaults of muster.yaml would override it. */
function withoutConfigured({ connectTimeoutMs, knownHosts }: SshSettings): SshSettings {
  return { ...(connectTimeoutMs !== undefined && { connectTimeoutMs }), ...(knownHosts && { knownHosts }) };
}

/** A `HostName` and the patterns of all blocks around it. */
interface HostNameRule {
  order: number;
  blocks: readonly (readonly string[])[];
  value: string;
}

class SshConfigReader {
  readonly aliases = new Map<string, SourceRange>();
  private readonly literalRules = new Map<string, HostNameRule>();
  private readonly patternRules: HostNameRule[] = [];
  private rules = 0;

  constructor(
    private readonly fragment: Fragment,
    private readonly files: FileAccess,
  ) {}

  /** The first `HostName` that applies wins, as in OpenSSH; `%h` is the name itself. */
  hostNameOf(name: string): string {
    const literal = this.literalRules.get(name);
    const candidates = this.patternRules.filter(({ blocks }) =>
      blocks.every((patterns) => matchesPatterns([...patterns], name)),
    );
    const [first] = [...(literal ? [literal] : []), ...candidates].sort((a, b) => a.order - b.order);
    return first ? first.value.replace(/%[hn]/g, name).replace(/%%/g, '%') : name;
  }

  /** `blocks` are the patterns of the `Host` blocks that the text is included in. */
  async read(
    file: string,
    text: string,
    chain: readonly string[],
    blocks: HostNameRule['blocks'],
  ): Promise<void> {
    let config: SSHConfig;
    try {
      config = parse(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new MusterError('INVENTORY', t('cannot read {0}: {1}', file, message), {
        phase: 'inventory',
        cause: error,
      });
    }
    const positions = directivePositions(text);
    const positionOf = (directive: string, value: string) => {
      const found = positions.find(
        (position) => position.directive === directive && position.words.has(value),
      );
      const { line, column, length } = found?.words.get(value) ?? { line: 1, column: 1, length: 0 };
      return { file, line, column, endLine: line, endColumn: column + length };
    };
    await this.readLines(config, { file, chain, positionOf }, blocks);
  }

  private async readLines(
    lines: readonly Line[],
    context: Context,
    blocks: HostNameRule['blocks'],
  ): Promise<void> {
    for (const line of lines) {
      if (!('param' in line)) continue;
      switch (line.param.toLowerCase()) {
        case 'host':
          await this.readHost(line as Section, context, blocks);
          break;
        case 'hostname':
          this.addRule(wordsOf(line)[0] ?? '', blocks);
          break;
        case 'include':
          for (const pattern of wordsOf(line)) await this.include(pattern, context, blocks);
      }
    }
  }

  private async readHost(section: Section, context: Context, blocks: HostNameRule['blocks']): Promise<void> {
    const patterns = wordsOf(section);
    for (const name of patterns) {
      if (/[*?!]/.test(name) || this.aliases.has(name)) continue;
      this.aliases.set(name, context.positionOf('host', name));
    }
    await this.readLines(section.config, context, [...blocks, patterns]);
  }

  private addRule(value: string, blocks: HostNameRule['blocks']): void {
    if (value === '') return;
    const rule = { order: this.rules++, blocks, value };
    const [patterns, ...outer] = blocks;
    // Most blocks name their hosts: looking these up keeps thousands of them fast.
    if (patterns && outer.length === 0 && !patterns.some((pattern) => /[*?!]/.test(pattern))) {
      for (const name of patterns) if (!this.literalRules.has(name)) this.literalRules.set(name, rule);
    } else this.patternRules.push(rule);
  }

  private async include(pattern: string, context: Context, blocks: HostNameRule['blocks']): Promise<void> {
    const report = (message: string) =>
      this.fragment.problems.push({
        severity: 'error',
        message,
        range: context.positionOf('include', pattern),
      });
    for (const file of await this.files.glob(includedPath(pattern))) {
      if (context.chain.includes(file)) {
        report(
          t('cyclic Include: {0}', [...context.chain, file].map((name) => path.basename(name)).join(' → ')),
        );
      } else if (context.chain.length > maxIncludeDepth || this.fragment.files.length > maxFiles) {
        report(t('too many files are included, or more than {0} deep', maxIncludeDepth));
        return;
      } else {
        try {
          // OpenSSH passes over what is not there.
          const text = await this.files.readOptional(file);
          if (!this.fragment.files.includes(file)) this.fragment.files.push(file);
          if (text !== undefined) await this.read(file, text, [...context.chain, file], blocks);
        } catch (error) {
          if (!MusterError.is(error, 'INVENTORY')) throw error;
          report(error.message);
        }
      }
    }
  }
}

interface Context {
  file: string;
  /** Files included in one another, outermost first. */
  chain: readonly string[];
  positionOf: (directive: string, word: string) => SourceRange;
}

/** As for a user's ssh_config: `~` is the home folder, relative paths start in ~/.ssh. */
function includedPath(pattern: string): string {
  return path.resolve(homedir(), '.ssh', pattern.replace(/^~(?=[/\\])/, homedir()));
}

function wordsOf({ value, quoted }: Extract<Line, { param: string }>): string[] {
  if (typeof value !== 'string') return value.map(({ val }) => val);
  return quoted ? [value] : value.split(/\s+/).filter((word) => word !== '');
}

interface DirectivePosition {
  directive: string;
  words: Map<string, { line: number; column: number; length: number }>;
}

/** Where the words of `Host` and `Include` lines stand; the library keeps no positions. */
function directivePositions(text: string): DirectivePosition[] {
  return text.split('\n').flatMap((content, index) => {
    const [head, directive] = /^\s*(host|include)(?:\s*=\s*|\s+)/i.exec(content) ?? [];
    if (head === undefined || directive === undefined) return [];
    const words = [...content.slice(head.length).matchAll(/"([^"]*)"|[^\s"]+/g)].map((match) => {
      const quoted = match[1] !== undefined;
      const word = match[1] ?? match[0];
      const column = head.length + match.index + 1 + (quoted ? 1 : 0);
      return [word, { line: index + 1, column, length: word.length }] as const;
    });
    return [{ directive: directive.toLowerCase(), words: new Map(words) }];
  });
}
