import { Option } from 'commander';
import type { ConvertOptions } from './commands/profile/convertProfile';
import type { DiffOptions } from './commands/profile/diffProfiles';
import type { MergeOptions } from './commands/profile/mergeFiles';
import type { PathOptions } from './commands/profile/pathOfProfile';
import type { TopOptions } from './commands/profile/topFunctions';
import type { DefineCommand } from './defineCommand';
import { t } from './l10n';
import { profileFormats } from './profileFormats';

/** `muster profile …`. What carries them out is loaded when one is used. */
export function defineProfileCommands(define: DefineCommand): void {
  const parts = () => import('./profileCommands');
  const file = () => t('a profile of any known format; - is standard input');
  const valueType = () => new Option('--value-type <name>', t('what is measured, e.g. cpu or inuse_space'));
  const most = () => new Option('-n, --number <functions>', t('at most so many (default: 30; 0: all)'));
  const to = () => new Option('--to <format>', t('the format to write')).choices(profileFormats);
  const output = () => new Option('-o, --output <file>', t('where to write (default: standard output)'));

  define<TopOptions>('top', t('Print the functions with the greatest weight.'), async (...args) =>
    (await parts()).top(...args),
  )
    .argument('<file>', file())
    .option('--cum', t('sort by the weight of a function with all that it calls'))
    .addOption(most())
    .addOption(valueType());
  define<PathOptions>('path', t('Print the heaviest chain of calls.'), async (...args) =>
    (await parts()).path(...args),
  )
    .argument('<file>', file())
    .addOption(valueType());
  define<DiffOptions>('diff', t('Print what changed from one profile to another.'), async (...args) =>
    (await parts()).diff(...args),
  )
    .argument('<before>', file())
    .argument('<after>', file())
    .option('--markdown', t('print a table for a pull request'))
    .addOption(most())
    .addOption(valueType());
  define<ConvertOptions>('convert', t('Write a profile in another format.'), async (...args) =>
    (await parts()).convert(...args),
  )
    .argument('<file>', file())
    .addOption(to().makeOptionMandatory())
    .addOption(valueType())
    .addOption(output());
  define<MergeOptions>('merge', t('Make one profile of several, each below its name.'), async (...args) =>
    (await parts()).merge(...args),
  )
    .argument('<name=file...>', t('the profiles with the names of their hosts'))
    .addOption(to().default('pprof'))
    .addOption(valueType())
    .addOption(output());
}
