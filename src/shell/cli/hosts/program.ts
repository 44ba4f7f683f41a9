import { inventoryOption, keepGoingOption, selectorHelp } from '../batchProgram';
import type { DefineCommands } from '../defineCommand';
import { t } from '../l10n';
import type { HostsCommandOptions } from './hosts';

/** `muster hosts`. */
export const hostsCommand: DefineCommands = (define) => {
  define<HostsCommandOptions>('hosts', t('List the hosts of the inventory.'), async (operands, options) =>
    (await import('./hosts.part')).hosts(operands, options),
  )
    .argument('[selector...]', selectorHelp())
    .option('--ansible', t('speak Ansible’s dynamic-inventory protocol, with --list or --host'))
    .option('--list', t('with --ansible: all hosts and groups'))
    .option('--host <host>', t('with --ansible: the variables of one host'))
    .addOption(inventoryOption())
    .addOption(keepGoingOption());
};
