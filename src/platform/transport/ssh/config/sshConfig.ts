import path from 'node:path';
import { homeFolder } from '../../../files/homeFolder';
import { MusterError } from '../../../errors/errors';
import { fileFault } from '../../../files/fileFault';
import { globFiles, type Matches } from '../../../files/fileGlob';
import { listFolder } from '../../../files/listFolder';
import { largestFile } from '../../../files/regularFile';
import type { Logger } from '../../../host/host';
import type { SourceRange } from '../../../inventory/model';
import { t } from '../../../l10n/l10n';
import { FileCache } from '../pool/fileCache';
import { type ConfiguredHost, ConfigValues } from './sshConfigValues';
import {
  type Block,
  type ConfigProblem,
  type Directive,
  isPattern,
  SshConfigFile,
  type Word,
} from './sshConfigFile';
import { type MatchContext, matches } from './sshConfigMatch';
import { expandCommand, expandHome, expandPath } from './sshTokens';
import { matchesPatternList } from './wildcard';

export type { ConfiguredHost } from './sshConfigValues';

/** As OpenSSH's READCONF_MAX_DEPTH. */
const maxIncludeDepth = 16;
/** Files that are read for one host at most, each as often as it is included. */
const maxIncludes = 4000;
/** Characters in all of these. */
const maxIncluded = 16 * 1024 ** 2;
/** For how many milliseconds the files that an `Include` names are taken as the same. */
const includesFreshMs = 200;
/** Files of a pattern that cannot be read; a pattern that names programs and the like is not followed further. */
const maxFailures = 20;
/** Problems that are remembered so that each is reported once. */
const maxRemembered = 1000;

/** Where the files come from. */
export interface ConfigSource {
  /** Undefined if there is no such file. @throws what reading throws */
  load(file: string): Promise<SshConfigFile | undefined>;
  /** The files that an absolute pattern names. */
  matching(pattern: string): Promise<Matches>;
}

export interface SshConfigOptions {
  source?: ConfigSource;
  /** Reads a file that is there, in place of reading it from disk. @throws why it is not read */
  readFile?: ((file: string) => Promise<string>) | undefined;
  /** Where relative includes start, and whose files may run commands in `Match exec`. */
  userFolder?: string | undefined;
  /** False: no `Match exec` is run, and its block is left out. */
  mayExecute?: boolean;
}

/** A literal name of a `Host` line, and where it stands. */
export interface Alias {
  name: string;
  range: SourceRange;
}

/** Evaluates ssh_config files for a host as OpenSSH does; the inventory and the connections read them here. */
export class SshConfig {
  private readonly source: ConfigSource;
  private readonly userFolder: string;
  private readonly mayExecute: boolean;
  private readonly reported = new Set<string>();

  constructor(
    /** Takes what is passed over in the files, each problem once. */
    private readonly report: (problem: ConfigProblem) => void,
    options: SshConfigOptions = {},
  ) {
    this.source = options.source ?? new FilesOnDisk(options.readFile);
    this.userFolder = options.userFolder ?? path.join(homeFolder(), '.ssh');
    this.mayExecute = options.mayExecute ?? true;
  }

  /**
   * @param alias the name given, which `Host` patterns are compared with
   * @throws MusterError INVENTORY when a file is there and cannot be read, or a value for this host is unusable
   */
  async resolve(alias: string, files: readonly string[], user?: string): Promise<ConfiguredHost> {
    return (await this.evaluated(alias, files, user)).result();
  }

  /** The name or address to connect to; undefined where what the files say about it cannot be used. */
  async hostNameOf(alias: string, files: readonly string[]): Promise<string | undefined> {
    const values = await this.evaluated(alias, files);
    return values.faults.has('hostname') ? undefined : values.hostName;
  }

  /**
   * The literal names of all `Host` lines in the file and in what it includes, each once, except where the blocks
   * around an `Include` keep them out.
   * @throws MusterError INVENTORY when `file` cannot be read
   */
  async aliases(file: string): Promise<Alias[]> {
    const found = new Map<string, Alias>();
    const keptOut = new Map<string, Alias>();
    const walk = async (place: Place, outer: readonly (readonly string[])[]): Promise<void> => {
      for (const { head, patterns, body } of place.content.blocks) {
        if (head?.fault !== undefined) continue;
        const around = patterns ? [...outer, patterns] : outer;
        for (const { text: name, range } of patterns ? head!.words : []) {
          if (isPattern(name)) continue;
          const reached = around.every((list) => matchesPatternList(list, name));
          const names = reached ? found : keptOut;
          if (!names.has(name)) names.set(name, { name, range });
        }
        for (const included of body.filter(isInclude)) {
          for await (const inner of this.included(included, place)) await walk(inner, around);
        }
      }
    };
    const content = await this.load(file);
    if (content) await walk(this.startOf(content), []);
    for (const { name, range } of keptOut.values()) {
      if (found.has(name)) continue;
      const message = t('“{0}” is left out: a block around it does not hold for it', name);
      this.reportOnce({ message, range });
    }
    return [...found.values()];
  }

  private async evaluated(alias: string, files: readonly string[], user?: string): Promise<ConfigValues> {
    const values = new ConfigValues(alias, user, (path) => this.isOwn(path));
    await this.pass(values, files, false);
    if (values.wantsFinalPass) {
      // The files are read once more, with the name that was found.
      values.fixHostName();
      await this.pass(values, files, true);
    }
    for (const fault of values.faults.values()) this.reportOnce(fault);
    return values;
  }

  private async pass(values: ConfigValues, files: readonly string[], final: boolean): Promise<void> {
    for (const file of files) {
      const content = await this.load(path.resolve(expandHome(file)));
      if (content) await this.evaluate({ ...this.startOf(content), values, final });
    }
  }

  private async evaluate(place: EvaluatedPlace): Promise<void> {
    const { values, content, final } = place;
    if (content.asksForFinal) values.wantsFinalPass = true;
    for (const block of content.blocksFor(final ? values.hostName : values.alias)) {
      if (!(await this.concerns(block, place))) continue;
      for (const directive of block.body) {
        if (!isInclude(directive)) values.add(directive);
        else
          for await (const inner of this.included(directive, place))
            await this.evaluate({ ...place, ...inner });
      }
    }
  }

  /** Whether it is a file of the user or the machine, and not one that a project brings along. */
  private isOwn(file: string): boolean {
    return [this.userFolder, systemFolder].some((folder) => file.startsWith(folder + path.sep));
  }

  private async concerns(block: Block, { values, final, content }: EvaluatedPlace): Promise<boolean> {
    if (block.patterns) return matchesPatternList(block.patterns, final ? values.hostName : values.alias);
    if (!block.criteria) return true;
    const own = this.isOwn(content.file);
    const context: MatchContext = {
      alias: values.alias,
      host: values.hostName,
      user: values.user,
      tag: values.tag,
      final,
      expand: (command) => expandCommand(command, values.tokens()),
      mayExecute: this.mayExecute && own,
      reportUnknown: (name) => {
        // Where no command may be run at all, what the block says is found out when connecting.
        if (name === 'exec' && !this.mayExecute && !block.body.some(decidesAddress)) return;
        const message =
          name === 'exec' && own
            ? t('Match exec is not run for listing hosts: the block is left out until a host is connected to')
            : name === 'exec'
              ? t('Match exec runs in your own ssh_config only: the block is left out')
              : t('Match {0} cannot be evaluated here: the block is left out', name);
        this.reportOnce({ message, range: block.head!.range });
      },
    };
    return matches(block.criteria, context);
  }

  /** The files that an `Include` stands for; what cannot be read or goes in circles is reported and passed over. */
  private async *included(directive: Directive, place: Place): AsyncIterable<Place> {
    if (directive.fault !== undefined) return;
    for (const word of directive.words) {
      const pattern = this.patternOf(word, place);
      if (pattern === undefined) continue;
      const report = (message: string) => this.reportOnce({ message, range: word.range });
      const matches = await this.source.matching(pattern).catch((error: unknown) => {
        if (!MusterError.is(error, 'INVENTORY')) throw error;
        report(error.message);
      });
      if (matches?.isComplete === false)
        report(t('the pattern names too much: only {0} of its files are read', matches.files.length));
      let failures = 0;
      for (const file of matches?.files ?? []) {
        const chain = [...place.chain, file];
        if (place.chain.includes(file)) {
          report(t('cyclic Include: {0}', chain.map((name) => path.basename(name)).join(' → ')));
        } else if (place.chain.length > maxIncludeDepth || place.reads.left-- <= 0) {
          report(t('too many files are included, or more than {0} deep', maxIncludeDepth));
          return;
        } else {
          const content = await this.load(file).catch((error: unknown) => {
            if (!MusterError.is(error, 'INVENTORY')) throw error;
            if (++failures <= maxFailures) report(error.message);
            else
              report(
                t('more than {0} files of the pattern cannot be read: the others are left out', maxFailures),
              );
          });
          if (failures > maxFailures) break;
          if (!content) continue;
          place.reads.characters -= content.length;
          if (place.reads.characters < 0) {
            report(t('what is included is larger than {0} MiB in all', maxIncluded / 1024 ** 2));
            return;
          }
          yield { ...place, content, chain };
        }
      }
    }
  }

  /** An absolute pattern, or undefined where it says nothing without a host or cannot be expanded. */
  private patternOf({ text, range }: Word, { folder, values }: Place): string | undefined {
    try {
      if (values) return path.resolve(folder, expandPath(text, values.tokens()));
      if (!/%[Chjknpr]/.test(text)) return path.resolve(folder, expandPath(text, { alias: '', host: '' }));
      this.reportOnce({
        message: t('the hosts in it are not listed: which files these are depends on the host'),
        range,
      });
    } catch (error) {
      if (!MusterError.is(error, 'INVENTORY')) throw error;
      this.reportOnce({ message: `Include: ${error.message}`, range });
    }
    return undefined;
  }

  private startOf(content: SshConfigFile): Place {
    const system = content.file === path.join(systemFolder, 'ssh_config');
    return {
      content,
      chain: [content.file],
      folder: system ? systemFolder : this.userFolder,
      reads: { left: maxIncludes, characters: maxIncluded },
    };
  }

  private async load(file: string): Promise<SshConfigFile | undefined> {
    try {
      const content = await this.source.load(file);
      for (const problem of content?.problems ?? []) this.reportOnce(problem);
      return content;
    } catch (error) {
      if (error instanceof MusterError) throw error;
      throw new MusterError('INVENTORY', t('cannot read {0}: {1}', file, fileFault(error)), {
        phase: 'connect',
        hint: t('Correct the file, or take it out of the imports.'),
        cause: error,
      });
    }
  }

  private reportOnce(problem: ConfigProblem): void {
    const key = `${problem.range.file}\0${problem.range.line}\0${problem.range.column}\0${problem.message}`;
    if (this.reported.has(key)) return;
    if (this.reported.size >= maxRemembered) this.reported.clear();
    this.reported.add(key);
    this.report(problem);
  }
}

/** Writes problems of ssh_config into the log. */
export function toLog(logger: Logger): (problem: ConfigProblem) => void {
  return ({ message, range }) => logger.warn(`${range.file}:${range.line}: ${message}`);
}

const systemFolder = '/etc/ssh';

const isInclude = ({ keyword }: Directive) => keyword === 'include';
const decidesAddress = ({ keyword }: Directive) => keyword === 'hostname' || keyword === 'include';

interface Place {
  content: SshConfigFile;
  /** Files included in one another, outermost first. */
  chain: readonly string[];
  /** Where relative includes start. */
  folder: string;
  reads: { left: number; characters: number };
  /** What is known of the host so far, unless all hosts are looked for. */
  values?: ConfigValues;
}

interface EvaluatedPlace extends Place {
  values: ConfigValues;
  final: boolean;
}

/** The files on disk, parsed once and read again when they change. */
class FilesOnDisk implements ConfigSource {
  private readonly files: FileCache<SshConfigFile>;
  private readonly included = new Map<string, { at: number; found: Promise<Matches> }>();

  constructor(readFile?: (file: string) => Promise<string>) {
    this.files = new FileCache(
      largestFile.inventory,
      (file, text) => new SshConfigFile(file, text),
      readFile,
    );
  }

  load(file: string): Promise<SshConfigFile | undefined> {
    return this.files.load(file);
  }

  /** Asked for every host of a fan-out: answers are kept for a moment. */
  matching(pattern: string): Promise<Matches> {
    let known = this.included.get(pattern);
    if (!known || performance.now() - known.at > includesFreshMs) {
      known = {
        at: performance.now(),
        found: globFiles(pattern, (folder, most) => listFolder(folder, most).catch(() => [])),
      };
      this.included.set(pattern, known);
    }
    return known.found;
  }
}
