import { Option } from 'commander';
import type { DeleteOptions } from './commands/deleteKeys';
import type { ExportOptions } from './commands/exportKeys';
import type { HistoryOptions } from './commands/historyOfKey';
import type { ImportOptions } from './commands/importKeys';
import type { PutOptions } from './commands/putKey';
import type { GetOptions } from './commands/getKey';
import type { ListOptions } from './commands/listKeys';
import type { CommandGroup, DefineCommand } from '../../../shell/cli/defineCommand';
import type { EtcdOptions } from './etcdOptions';
import type { WatchOptions } from './commands/watchKeys';
import { t } from '../../../shell/cli/l10n';

/** `muster etcd …`. What carries them out is loaded when one is used. */
export const etcdCommands: CommandGroup = {
  name: 'etcd',
  description: () => t('Read, write and watch keys of etcd.'),
  define: defineCommands,
};

function defineCommands(define: DefineCommand): void {
  const parts = () => import('./etcd.part');
  const prefix = () => t('what the keys begin with (default: the prefix of the cluster)');
  const key = () => t('the whole key');

  withClusterOptions(
    define<ListOptions>('ls', t('List keys.'), async (...args) => (await parts()).ls(...args))
      .argument('[prefix]', prefix())
      .option('--rev <revision>', t('as it was at this revision'))
      .option('-0, --null', t('end each key with NUL and print its bytes as they are')),
  );
  withClusterOptions(
    define<GetOptions>('get', t('Print the value of a key.'), async (...args) => (await parts()).get(...args))
      .argument('<key>', key())
      .option('--rev <revision>', t('as it was at this revision'))
      .option('--raw', t('print the bytes as they are on a terminal, too')),
  );
  withWriteOptions(
    define<PutOptions>('put', t('Write a key; its lease stays.'), async (...args) =>
      (await parts()).put(...args),
    )
      .argument('<key>', key())
      .argument('[value]', t('the value; - or none is standard input'))
      .option('--ttl <duration>', t('give it a new lease: the key ends after this time')),
  );
  withWriteOptions(
    define<DeleteOptions>('del', t('Delete a key, or all keys with a prefix.'), async (...args) =>
      (await parts()).del(...args),
    )
      .argument('<key>', key())
      .option('--prefix', t('delete all keys that begin with KEY')),
  );
  withClusterOptions(
    define<WatchOptions>('watch', t('Print every change as a JSON line.'), async (...args) =>
      (await parts()).watch(...args),
    )
      .argument('[prefix]', prefix())
      .option('--rev <revision>', t('begin with the changes of this revision'))
      .option('--progress', t('tell that the watch is alive and up to which revision it is complete')),
  );
  withClusterOptions(
    define<EtcdOptions>('diff', t('Compare the keys below two prefixes.'), async (...args) =>
      (await parts()).diff(...args),
    )
      .argument('<a>', t('a prefix, or CLUSTER:PREFIX'))
      .argument('<b>', t('what it is compared with')),
  );
  withClusterOptions(
    define<HistoryOptions>(
      'history',
      t('Print the revisions of a key, newest first, back to the last compaction.'),
      async (...args) => (await parts()).history(...args),
    )
      .argument('<key>', key())
      .option('--rev <revision>', t('begin with this revision, e.g. before the key was deleted'))
      .option('-n, --limit <number>', t('at most this many revisions')),
  );
  withClusterOptions(
    define<ExportOptions>('export', t('Write the keys below a prefix to a file.'), async (...args) =>
      (await parts()).exportPrefix(...args),
    )
      .argument('[prefix]', prefix())
      .option('-o, --output <file>', t('the file; - or none is standard output'))
      .option('--format <format>', t('yaml or json (default: by the suffix of the file, else yaml)'))
      .option('--rev <revision>', t('as it was at this revision')),
  );
  withClusterOptions(
    define<ImportOptions>('import', t('Make the keys below a prefix as a file has them.'), async (...args) =>
      (await parts()).importPrefix(...args),
    )
      .argument('<file>', t('YAML or JSON; - is standard input'))
      .option('--prefix <prefix>', t('below this prefix instead of the one in the file'))
      .option('--dry-run', t('print what would change, and write nothing'))
      .option('--delete', t('delete keys that are not in the file'))
      .option('--batches', t('use several transactions where one is too small'))
      .option('--ttl', t('give keys that have a ttl in the file a new lease'))
      .option('-y, --yes', t('do not ask')),
  );
}

type Defined = ReturnType<DefineCommand>;

function withClusterOptions(command: Defined): Defined {
  return command
    .option('--cluster <cluster>', t('the cluster of the inventory (default: the only one)'))
    .option('-e, --escaped', t('keys are written with \\xNN for bytes, as lists on a terminal show them'))
    .addOption(
      new Option('-i, --inventory <file>', t('the inventory (default: muster.yaml, searched upwards)')),
    )
    .addOption(new Option('-t, --timeout <duration>', t('time for one request, e.g. 800ms')))
    .option('--password-env <variable>', t('take the password of the cluster from this variable'))
    .addOption(
      new Option(
        '--password-fd <number>',
        t('read the password of the cluster from this descriptor'),
      ).conflicts('passwordEnv'),
    )
    .addOption(new Option('--keep-going', t('use what is sound of an inventory with errors')))
    .addOption(new Option('--accept-new', t('trust unknown host keys and remember them')));
}

function withWriteOptions(command: Defined): Defined {
  return withClusterOptions(command)
    .option('--if-revision <revision>', t('only if the key has this revision; 0: if it does not exist'))
    .option('-y, --yes', t('do not ask'));
}
