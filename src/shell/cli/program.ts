import { Command, CommanderError, Option } from 'commander';
import { withoutCredentials } from '../../platform/redaction/withoutCredentials';
import { batchOptions, inventoryOption } from './batchProgram';
import type { CarryOut, CommandGroup, DefineCommands, SomeOptions } from './defineCommand';
import { buildFacts } from './buildFacts';
import { exitStatus } from './exitStatus';
import { t } from './l10n';
import { jsonText } from './output/jsonText';
import { usageError } from './usageErrors';

/** Commands and groups of them by their names. */
export type ProgramParts = Readonly<Record<string, DefineCommands | CommandGroup>>;

/** Carries out a command line with the commands of these features, and resolves to the exit status. */
export async function runProgram(argv: readonly string[], parts: ProgramParts): Promise<number> {
  let status: number = exitStatus.ok;
  const { own, remote } = splitRemoteCommand(argv);
  const version = own.includes('--json') ? jsonText(buildFacts(), 2) : buildFacts().version;
  const program = programOf(partsFor(own, parts), { remote, version, ended: (ending) => (status = ending) });
  try {
    await program.parseAsync(own, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander's own are 1; a command may have another for who starts it.
    return error.exitCode === 1 ? exitStatus.usage : error.exitCode;
  }
}

/** The commands have two hundred options: only help, suggestions and completions name those of all. */
function partsFor([first]: readonly string[], parts: ProgramParts): ProgramParts {
  if (first === '--version' || first === '-V') return {};
  return first !== undefined && Object.hasOwn(parts, first) ? { [first]: parts[first]! } : parts;
}

interface Surroundings {
  /** What comes after `--`. */
  remote: readonly string[];
  /** What `--version` prints. */
  version: string;
  /** Hears the exit status of a command that was carried out. */
  ended: (status: number) => void;
}

/** The tree of all commands. */
export function programOf(
  parts: ProgramParts,
  { remote, version, ended }: Surroundings = { remote: [], version: '', ended: () => {} },
): Command {
  /** Registers a command that `carryOut` carries out. */
  const commandOf =
    (parent: Command) =>
    <Options extends SomeOptions>(name: string, description: string, carryOut: CarryOut<Options>) =>
      parent
        .command(name)
        .description(description)
        .action(async (...args: unknown[]) => {
          // commander gives each operand that the command can have, then the options and the command itself.
          const operands = args.slice(0, -2).flat() as (string | undefined)[];
          const given = operands.filter((operand) => operand !== undefined);
          ended(await carryOut(given, args.at(-2) as Options));
        });

  const program = new Command('muster')
    .description(t('Health checks and commands on fleets of hosts, over verified SSH.'))
    .version(version, '-V, --version', t('print the version; with --json the commit and the build, too'))
    .helpOption('-h, --help', t('show help'))
    .helpCommand('help [command]', t('show help for a command'))
    .configureHelp({ styleTitle: (title) => t(title) })
    .configureOutput({ outputError: (text, write) => write(withoutCredentials(usageError(text))) })
    .showSuggestionAfterError()
    .exitOverride();
  const groups = new Set<Command>();
  for (const part of Object.values(parts)) {
    if (typeof part === 'function') {
      part(commandOf(program), remote);
      continue;
    }
    const group = program.command(part.name).description(part.description());
    groups.add(group);
    part.define(commandOf(group), remote);
  }
  for (const each of [...program.commands, ...[...groups].flatMap(({ commands }) => commands)])
    if (!groups.has(each)) withCommonOptions(each);
  return program;
}

/** What comes after `--` of `muster run` and `muster ssh` is the remote command, options and all. */
function splitRemoteCommand(argv: readonly string[]): { own: readonly string[]; remote: readonly string[] } {
  const separator = argv[0] === 'run' || argv[0] === 'ssh' ? argv.indexOf('--') : -1;
  return separator < 0
    ? { own: argv, remote: [] }
    : { own: argv.slice(0, separator), remote: argv.slice(separator + 1) };
}

/** Every command takes the common options, so that scripts can pass them on; where one means nothing, help hides it. */
function withCommonOptions(command: Command): void {
  const has = (option: Option) => command.options.some(({ long }) => long === option.long);
  for (const option of [inventoryOption(), ...batchOptions()])
    if (!has(option)) command.addOption(option.hideHelp());
  const json = new Option('--json', t('print one JSON document'));
  if (!has(json)) command.addOption(json);
  const ndjson = new Option('--ndjson', t('print one JSON line per result as it comes'));
  // One that takes a value is not a form of the output.
  const isForm = command.options.some(({ long, required }) => long === json.long && !required);
  command.addOption(isForm ? ndjson.conflicts('json') : ndjson);
  command.option('--no-color', t('do not colour')).option('-v, --verbose', t('tell what is done on stderr'));
}
