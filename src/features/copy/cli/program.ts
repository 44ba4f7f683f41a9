import type { Command } from 'commander';
import { becomeOptions, collected, withBatchOptions } from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { TransferCommandOptions } from './transferCommand';

/** `muster copy`. */
export const copyCommand: DefineCommands = (define) => {
  withTransferOptions(
    define<TransferCommandOptions>(
      'copy',
      t('Copy files to hosts: muster copy SRC… SELECTOR:DEST'),
      async (operands, options) => (await import('./copy.part')).copy(operands, options),
    )
      .usage('[options] SRC… SELECTOR:DEST')
      .argument('<file...>', t('local files and folders, and at last hosts with a path on them')),
  )
    .option('--backup', t('keep what is replaced beside it, as NAME.~DATE~'))
    .option('--resume', t('keep what was sent of a file when a copy is cut, and go on after it'))
    .option('--fsync', t('have each file brought to the disk before it takes its place'))
    .option('--follow', t('copy what links lead to and not the links'))
    .option('--confirm-over <number>', t('ask before a copy to more hosts than this'))
    .option('-y, --yes', t('do not ask'));
};

/** `muster fetch`. */
export const fetchCommand: DefineCommands = (define) => {
  withTransferOptions(
    define<TransferCommandOptions>(
      'fetch',
      t('Fetch files of hosts into a folder for each: muster fetch SELECTOR:SRC DEST/'),
      async (operands, options) => (await import('./copy.part')).fetch(operands, options),
    )
      .usage('[options] SELECTOR:SRC DEST/')
      .argument('<source>', t('hosts with a path on them'))
      .argument('<folder>', t('a local folder, in which each host has one')),
  );
};

/** Adds the options that both have. */
function withTransferOptions(command: Command): Command {
  return withBatchOptions(command, becomeOptions())
    .option('--checksum', t('compare contents by SHA-256, not size and time'))
    .option('--dry-run', t('change nothing, and say what would be'))
    .option('--diff', t('change nothing, and show what would be different'))
    .option('--owners', t('keep numeric owners and groups, as root (see --become)'))
    .option('--max-bandwidth <size>', t('move no more in a second to all hosts together, e.g. 10M'))
    .option(
      '--limit <selector>',
      t('of the selected hosts only these; @failed: that failed in the last run; may be repeated'),
      collected,
    )
    .option('--pause <duration>', t('wait between the batches of --serial, e.g. 30s'));
}
