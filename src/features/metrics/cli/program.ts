import { Option } from 'commander';
import {
  becomeOptions,
  selectorHelp,
  sourcePasswordOption,
  withBatchOptions,
} from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { MetricsOptions } from './metrics';

/** `muster metrics`. */
export const metricsCommand: DefineCommands = (define) => {
  const command = define<MetricsOptions>(
    'metrics',
    t('Read metrics of hosts, folded over them.'),
    async (operands, options) => (await import('./metrics.part')).metrics(operands, options),
  )
    .argument('[selector...]', selectorHelp())
    .option('--source <metric...>', t('these sources of the inventory’s metrics (default: all)'))
    .option('--series <expression...>', t('only series that match one of these, e.g. ^node_load or code="5'))
    .option('-n, --number <series>', t('at most so many (default: 40; 0: all)'))
    .option('--rate <duration>', t('read twice, this far apart, and show counters as rates'))
    .addOption(
      new Option('--watch <duration>', t('read again and again, with counters as rates')).conflicts('rate'),
    )
    .option('--record <file>', t('write every series of every host to a new file, .ndjson or .csv'));
  withBatchOptions(command, [...becomeOptions(), sourcePasswordOption()]);
};
