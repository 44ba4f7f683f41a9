import { selectorHelp, withBatchOptions } from '../../../shell/cli/batchProgram';
import type { CarryOut, DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { CheckCommandOptions } from './check';

/** `muster check`. */
export const checkCommand =
  (parts: () => Promise<{ check: CarryOut<CheckCommandOptions> }>): DefineCommands =>
  (define) => {
    withBatchOptions(
      define<CheckCommandOptions>('check', t('Check the health of hosts.'), async (operands, options) =>
        (await parts()).check(operands, options),
      )
        .argument('[selector...]', selectorHelp())
        .option('--check <check...>', t('only these checks')),
    );
  };
