import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitStatus } from './exitStatus';
import type { CheckFlags, HostsFlags, LabFlags, RunFlags } from './flags';

declare const MUSTER_VERSION: string;

/** The values of a repeatable option. */
const collect = (value: string, before: string[] = []) => [...before, value];

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('A whole number from 1 is needed.');
  return value;
}

function withInventory(command: Command): Command {
  return command
    .option('-i, --inventory <file>', 'the inventory (default: muster.yaml here or in a folder above)')
    .option('--json', 'print one JSON document')
    .option('--keep-going', 'take what is sound of an inventory with errors')
    .option('--no-color', 'plain text');
}

function withBatch(command: Command): Command {
  return withInventory(command)
    .addOption(new Option('--ndjson', 'print one JSON result a line as it ends').conflicts('json'))
    .option('-c, --concurrency <n>', 'targets in flight', positiveInteger)
    .option('-t, --timeout <duration>', 'for everything on one target, e.g. 800ms, 5s, 2m')
    .option('--fail-fast', 'begin no more targets once one has failed')
    .option('--max-failures <n|p%>', 'begin no more targets once more than this have failed')
    .option('--serial <sizes>', 'work in batches of these sizes, e.g. 1,10%,50%; the last one repeats')
    .option(
      '--accept-new',
      'trust and remember host keys that are not known yet; changed ones are refused anyway',
    );
}

/** The heavy parts of a command are loaded when it is the one that was asked for. */
function program(commandWords: readonly string[] | undefined): Command {
  const muster = new Command('muster')
    .description('Call every host together for inspection.')
    .version(MUSTER_VERSION, '-V, --version')
    .exitOverride()
    .showHelpAfterError('(muster --help shows the commands and options)');

  withInventory(muster.command('hosts'))
    .description('list the hosts of the inventory')
    .argument('[selector...]', 'a name, glob, range, @group or label=value; several mean OR')
    .option('--ansible', "print Ansible's dynamic-inventory JSON, with --list or --host")
    .option('--list', 'with --ansible: every group and host')
    .option('--host <name>', 'with --ansible: the variables of one host')
    .action(async (selectors: string[], options: HostsFlags) =>
      (await import('./commands/hosts')).hosts(selectors, options),
    );
  withBatch(muster.command('check'))
    .description('run the health checks')
    .argument('[selector...]', 'hosts to check; default: all')
    .option('--check <name>', 'only this check; repeatable', collect)
    .action(async (selectors: string[], options: CheckFlags) =>
      (await import('./commands/check')).check(selectors, options),
    );
  withBatch(muster.command('run'))
    .description('run a command on hosts')
    .usage('[options] SELECTOR... -- COMMAND...')
    .argument(
      '<selector...>',
      'hosts to run it on; after -- the command: a single word goes to the shell as it is',
    )
    .option('--script <file>', 'send this script to the interpreter that its first line names')
    .option('--stdin <file>', 'standard input for every host; - is that of muster')
    .option('--env <name=value>', 'set a variable; repeatable', collect)
    .option('--sudo', 'run as root through sudo -n')
    .option('--max-output <bytes>', "kept of each of a host's outputs, e.g. 64KiB (default: 10MiB)")
    .option('--diff', 'show the other outputs as differences from that of the biggest group')
    .action(async (selectors: string[], options: RunFlags) =>
      (await import('./commands/run')).run(selectors, commandWords, options),
    );
  muster
    .command('lab')
    .description('start a fleet on loopback to try Muster on')
    .option('--hosts <n>', 'number of hosts', positiveInteger)
    .option('--directory <dir>', 'an empty or new folder for the workspace (default: a temporary one)')
    .option('--sshd', "use this machine's OpenSSH daemon")
    .option('--json', 'print one line of JSON when the lab is up, and stop when standard input closes')
    .action(async (options: LabFlags) => (await import('./commands/lab')).lab(options));
  for (const command of muster.commands) command.exitOverride().copyInheritedSettings(muster);
  return muster;
}

async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough ends the output, not the work's verdict.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitStatus.healthy);
    throw error;
  });
  try {
    const separator = argv[2] === 'run' ? argv.indexOf('--') : -1;
    const words = separator < 0 ? undefined : argv.slice(separator + 1);
    await program(words).parseAsync(separator < 0 ? argv : argv.slice(0, separator));
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitStatus.healthy : exitStatus.usage;
      return;
    }
    const { describeFailure } = await import('./output/failure');
    process.stderr.write(describeFailure(error));
    process.exitCode = exitStatus.usage;
  }
}

void main(process.argv);
