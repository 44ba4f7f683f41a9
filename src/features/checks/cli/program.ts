import { type Command, CommanderError, Option } from 'commander';
import {
  becomeOptions,
  collected,
  selectorHelp,
  sourcePasswordOption,
  sshThreadsOption,
  withBatchOptions,
} from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import { usageError } from '../../../shell/cli/usageErrors';
import type { CheckCommandOptions } from './check';
import { formatNames } from './formatNames';
import { nagiosUnknown, unknownState } from './formats/nagiosUnknown';

/** `muster check`. */
export const checkCommand: DefineCommands = (define) => {
  const command = define<CheckCommandOptions>(
    'check',
    t('Check the health of hosts.'),
    async (operands, options) => (await import('./check.part')).check(operands, options),
  )
    .argument('[selector...]', selectorHelp())
    .option('--check <check...>', t('only these checks'));
  const options = [
    new Option('--url <url>', t('check this URL, without an inventory; may be repeated')).argParser(
      collected,
    ),
    new Option('--tcp <host:port>', t('check this port, without an inventory; may be repeated')).argParser(
      collected,
    ),
    new Option('--wait <duration>', t('check again until all are healthy, for no longer than this')),
    new Option('--every <duration>', t('check again and again, and print what changes')).conflicts('wait'),
    new Option('--format <format>', t('how the report is written'))
      .choices(formatNames)
      .conflicts(['json', 'ndjson']),
    new Option(
      '--output <format=file>',
      t('write the report into this file as well; may be repeated'),
    ).argParser(collected),
  ];
  for (const option of options) command.addOption(option);
  withBatchOptions(command, [...becomeOptions(), sourcePasswordOption(), sshThreadsOption()]).exitOverride(
    (error) => endAsPlugin(command, error),
  );
};

/** Who starts plugins reads one line of standard output and the status 3, also where the command line is wrong. */
function endAsPlugin(command: Command, error: CommanderError): never {
  const { rawArgs = [] } = command.parent as Command & { rawArgs?: readonly string[] };
  const isPlugin = rawArgs.some(
    (word, index) => word === '--format=nagios' || (word === 'nagios' && rawArgs[index - 1] === '--format'),
  );
  if (!isPlugin || error.exitCode === 0) throw error;
  const message = usageError(error.message).replace(/^error: /, '');
  command.configureOutput().writeOut?.(nagiosUnknown(message));
  throw new CommanderError(unknownState, error.code, error.message);
}
