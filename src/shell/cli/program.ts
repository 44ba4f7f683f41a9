import { Command, CommanderError, Option } from 'commander';
import { withoutCredentials } from '../../platform/redaction/withoutCredentials';
import {
  batchOptions,
  inventoryOption,
  keepGoingOption,
  selectorHelp,
  withBatchOptions,
} from './batchProgram';
import type { CheckCommandOptions } from '../../features/checks/cli/check';
import type { HostsCommandOptions } from './hosts/hosts';
import type { LabCommandOptions } from '../../features/lab/cli/lab';
import type { LogsCommandOptions } from '../../features/logs/cli/logs';
import type { RunCommandOptions } from '../../features/runs/cli/run';
import type { CarryOut } from './defineCommand';
import { defineEtcdCommands } from '../../features/etcd/cli/etcdProgram';
import { exitStatus } from './exitStatus';
import { t } from './l10n';
import { defineProfileCommands } from '../../features/profiles/cli/profileProgram';
import type { CommonOptions } from './options';
import { usageError } from './usageErrors';

declare const MUSTER_VERSION: string;

/** Carries out a command line and resolves to the exit status. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let status: number = exitStatus.ok;
  const { own, remote } = splitRemoteCommand(argv);

  /** Registers a command that `carryOut` carries out. */
  const commandOf =
    (parent: Command) =>
    <Options extends CommonOptions>(name: string, description: string, carryOut: CarryOut<Options>) =>
      parent
        .command(name)
        .description(description)
        .action(async (...args: unknown[]) => {
          // commander gives each operand that the command can have, then the options and the command itself.
          const operands = args.slice(0, -2).flat() as (string | undefined)[];
          const given = operands.filter((operand) => operand !== undefined);
          status = await carryOut(given, args.at(-2) as Options);
        });

  const program = new Command('muster')
    .description(t('Health checks and commands on fleets of hosts, over verified SSH.'))
    .version(MUSTER_VERSION, '-V, --version', t('print the version'))
    .helpOption('-h, --help', t('show help'))
    .helpCommand('help [command]', t('show help for a command'))
    .configureHelp({ styleTitle: (title) => t(title) })
    .configureOutput({ outputError: (text, write) => write(withoutCredentials(usageError(text))) })
    .showSuggestionAfterError()
    .exitOverride();
  const command = commandOf(program);

  command<HostsCommandOptions>('hosts', t('List the hosts of the inventory.'), async (operands, options) =>
    (await import('./hosts/fleetCommands')).hosts(operands, options),
  )
    .argument('[selector...]', selectorHelp())
    .option('--ansible', t('speak Ansible’s dynamic-inventory protocol, with --list or --host'))
    .option('--list', t('with --ansible: all hosts and groups'))
    .option('--host <name>', t('with --ansible: the variables of one host'))
    .addOption(inventoryOption())
    .addOption(keepGoingOption());

  withBatchOptions(
    command<CheckCommandOptions>('check', t('Check the health of hosts.'), async (operands, options) =>
      (await import('./hosts/fleetCommands')).check(operands, options),
    )
      .argument('[selector...]', selectorHelp())
      .option('--check <name...>', t('only these checks')),
  );

  withBatchOptions(
    command<RunCommandOptions>(
      'run',
      t('Run a command on hosts: muster run SELECTOR… -- COMMAND…'),
      async (operands, options) =>
        (await import('./hosts/fleetCommands')).run(operands, { ...options, command: remote }),
    )
      .usage('[options] SELECTOR… -- COMMAND…')
      .argument('<selector...>', selectorHelp())
      .option('--script <file>', t('run a local script instead of a command'))
      .option('--stdin <file>', t('send a file to the command’s standard input; - is our own'))
      .option('--env <name=value>', t('set a variable for the command; may be repeated'), collect)
      .option('--sudo', t('run as root through sudo -n'))
      .option('--max-output <size>', t('keep this much of each output of a host (default: 10MiB)'))
      .option('--diff', t('show other outputs as the difference to the most frequent one'))
      .option('--trace-inline', t('set TRACEPARENT in the command line, for POSIX shells')),
  );

  command<LogsCommandOptions>(
    'logs',
    t('Follow the logs of hosts as one stream.'),
    async (operands, options) =>
      (await import('../../features/logs/cli/logsCommand')).logs(operands, options),
  )
    .argument('[selector...]', selectorHelp())
    .option('--source <name...>', t('these sources of the inventory’s logs (default: all)'))
    .option('--path <glob...>', t('these files'))
    .option('--unit <name...>', t('the journal of these units; * is all of it'))
    .option('--command <line>', t('the output of this command line'))
    .option('--since <when>', t('from a time or duration ago on, e.g. 10m, or from the beginning or end'))
    .option('--grep <expression...>', t('only records that match all of these'))
    .option('--exclude <expression...>', t('no records that match one of these'))
    .option('--ignore-case', t('without regard to case'))
    .option('--level <level>', t('only records of this level or a more severe one, e.g. warn'))
    .option('--field <condition...>', t('only records whose fields meet these, e.g. status>=500'))
    .option('--no-follow', t('print what is there and end'))
    .option('--json', t('print one JSON line per record, and for what happens to a source'))
    .addOption(new Option('--accept-new', t('trust unknown host keys and remember them')))
    .addOption(inventoryOption())
    .addOption(keepGoingOption());

  command<LabCommandOptions>(
    'lab',
    t('Start a fleet on loopback to try Muster on.'),
    async (operands, options) => (await import('../../features/lab/cli/labCommand')).lab(operands, options),
  )
    .option('--hosts <number>', t('how many hosts (default: 12)'))
    .option('--sshd', t('run the real OpenSSH daemon for every host'))
    .option('--directory <folder>', t('where to write the workspace (default: a temporary folder)'));

  const etcd = program.command('etcd').description(t('Read, write and watch keys of etcd.'));
  defineEtcdCommands(commandOf(etcd));

  const profile = program.command('profile').description(t('Read, compare and convert profiles.'));
  defineProfileCommands(commandOf(profile));

  const groups = [etcd, profile];
  for (const each of [...program.commands, ...groups.flatMap(({ commands }) => commands)])
    if (!groups.includes(each)) withCommonOptions(each);
  try {
    await program.parseAsync(own, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  }
}

/** What comes after `--` of `muster run` is the remote command, options and all. */
function splitRemoteCommand(argv: readonly string[]): { own: readonly string[]; remote: readonly string[] } {
  const separator = argv[0] === 'run' ? argv.indexOf('--') : -1;
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
  command
    .addOption(new Option('--ndjson', t('print one JSON line per result as it comes')).conflicts('json'))
    .option('--no-color', t('do not colour'))
    .option('-v, --verbose', t('tell what is done on stderr'));
}

function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}
