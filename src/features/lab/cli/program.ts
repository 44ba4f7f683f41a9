import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { LabCommandOptions } from './lab';

/** `muster lab`. */
export const labCommand: DefineCommands = (define) => {
  define<LabCommandOptions>(
    'lab',
    t('Start a fleet on loopback to try Muster on.'),
    async (operands, options) => (await import('./lab.part')).lab(operands, options),
  )
    .option('--hosts <number>', t('how many hosts (default: 12)'))
    .option('--sshd', t('run the real OpenSSH daemon for every host'))
    .option('--directory <folder>', t('where to write the workspace (default: a temporary folder)'));
};
