import { becomeOptions, selectorHelp, withBatchOptions } from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { DriftOptions } from './drift';

/** `muster drift`. */
export const driftCommand: DefineCommands = (define) => {
  withBatchOptions(
    define<DriftOptions>(
      'drift',
      t('Show what differs between hosts that should be the same.'),
      async (operands, options) => (await import('./drift.part')).drift(operands, options),
    )
      .argument('[selector...]', selectorHelp())
      .option(
        '--facts <facts>',
        t('what to compare, e.g. os,packages,files=/etc/app/*; may be repeated (see --list-facts)'),
        collect,
      )
      .option('--list-facts', t('list what can be compared'))
      .option('--against <host>', t('compare with this host, or with a FILE.json that --save has written'))
      .option('--save <file>', t('write what the hosts show to a file, as JSON'))
      .option(
        '--diff',
        t('show each group as the difference to the first, and contents of files that differ'),
      ),
    becomeOptions(),
  );
};

function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, ...value.split(',')];
}
