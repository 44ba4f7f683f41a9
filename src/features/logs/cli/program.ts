import { Option } from 'commander';
import {
  becomeOptions,
  inventoryOption,
  keepGoingOption,
  selectorHelp,
} from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { LogsCommandOptions } from './logs';

/** `muster logs`. */
export const logsCommand: DefineCommands = (define) => {
  const command = define<LogsCommandOptions>(
    'logs',
    t('Follow the logs of hosts as one stream.'),
    async (operands, options) => (await import('./logs.part')).logs(operands, options),
  )
    .argument('[selector...]', selectorHelp())
    .option('--source <log...>', t('these sources of the inventory’s logs (default: all)'))
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
  for (const option of becomeOptions()) command.addOption(option);
};
