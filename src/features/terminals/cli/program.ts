import { Option } from 'commander';
import { inventoryOption, keepGoingOption } from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { SshCommandOptions } from './ssh';

/** `muster ssh`, whose remote command comes after `--`. */
export const sshCommand: DefineCommands = (define, remote) => {
  define<SshCommandOptions>(
    'ssh',
    t('Open a shell on a host, or run a command there: muster ssh HOST [-- COMMAND…]'),
    async (operands, options) => (await import('./ssh.part')).ssh(operands, { ...options, command: remote }),
  )
    .usage('[options] [USER@]HOST [-- COMMAND…]')
    .argument('<host>', t('one host, by its name or a selector that means no other; as USER@HOST, too'))
    .option('-l, --login <user>', t('log in as this user'))
    .option('-t, --tty', t('give the command a terminal, where standard input is one'))
    .addOption(new Option('--timeout <duration>', t('time for logging in, e.g. 10s (default: 60s)')))
    .addOption(inventoryOption())
    .addOption(keepGoingOption())
    .addOption(new Option('--accept-new', t('trust unknown host keys and remember them')));
};
