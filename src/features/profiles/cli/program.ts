import { Option } from 'commander';
import { becomeOptions, collected, selectorHelp, withBatchOptions } from '../../../shell/cli/batchProgram';
import type { CaptureCommandOptions } from './commands/captureProfiles';
import type { ConvertOptions } from './commands/convertProfile';
import type { DiffOptions } from './commands/diffProfiles';
import type { LabelsOptions } from './commands/labelsOfProfile';
import type { MergeOptions } from './commands/mergeFiles';
import type { PathOptions } from './commands/pathOfProfile';
import type { TopOptions } from './commands/topFunctions';
import type { CommandGroup, DefineCommand } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import { profileFormats } from '../core/formats/profileFormats';

/** `muster profile …`. What carries them out is loaded when one is used. */
export const profileCommands: CommandGroup = {
  name: 'profile',
  description: () => t('Read, compare and convert profiles.'),
  define: defineCommands,
};

function defineCommands(define: DefineCommand): void {
  const parts = () => import('./profile.part');
  const file = () => t('a profile of any known format; - is standard input');
  const valueType = () => new Option('--value-type <name>', t('what is measured, e.g. cpu or inuse_space'));
  const label = () =>
    new Option(
      '--label <key=value>',
      t('only samples with the label: KEY, KEY=VALUE or KEY=~PATTERN; may be repeated'),
    ).argParser(collected);
  const byLabel = () =>
    new Option('--by-label <key>', t('samples of each value of the label below a frame with it'));
  const most = () => new Option('-n, --number <functions>', t('at most so many (default: 30; 0: all)'));
  const to = () => new Option('--to <format>', t('the format to write')).choices(profileFormats);
  const output = () => new Option('-o, --output <file>', t('where to write (default: standard output)'));

  withBatchOptions(
    define<CaptureCommandOptions>('capture', t('Capture profiles from hosts.'), async (...args) =>
      (await parts()).capture(...args),
    )
      .argument('[selector...]', selectorHelp())
      .option(
        '--profiler <profiler>',
        t('a profiler of muster.yaml, on its hosts or on those of them that are selected'),
      )
      .option('--type <type>', t('a profiler to describe here: go, node, py-spy, perf, jvm or command'))
      .option('--kind <kind>', t('what to capture, e.g. cpu or heap (default: the first of the profiler)'))
      .option('--duration <duration>', t('how long to record (default: 10s)'))
      .option('--rate <number>', t('samples a second'))
      .option('--process <pattern>', t('regular expression for the command line of the process'))
      .option('--pid <number>', t('the process'))
      .option('-o, --output <file>', t('a file, or a folder for one of each host; - is standard output'))
      .option('--merge', t('make one profile of all hosts, each below its name'))
      .option('--url <url>', t('where the service listens (go, node)'))
      .addOption(
        new Option(
          '--through <way>',
          t('from where the URL is reached: ssh is from the host itself'),
        ).choices(['ssh', 'direct']),
      )
      .option('--username <name>', t('user of HTTP basic authentication; the password is asked for'))
      .option('--password-env <name>', t('the variable with the password, for programs'))
      .option('--password-fd <number>', t('the descriptor to read the password from, for programs'))
      .option('--ca <file>', t('the authorities to trust, for https'))
      .option('--path <path>', t('where the tool is on the host'))
      .option('--sudo', t('run as root through sudo -n'))
      .option('--start-inspector', t('send SIGUSR1 to a Node.js process without an inspector'))
      .option('--run <line>', t('the command that prints the profile (command)'))
      .option('--set <key=value>', t('another setting of the type; may be repeated'), collected),
    becomeOptions(),
  );
  define<TopOptions>('top', t('Print the functions with the greatest weight.'), async (...args) =>
    (await parts()).top(...args),
  )
    .argument('<file>', file())
    .option('--cum', t('sort by the weight of a function with all that it calls'))
    .addOption(most())
    .addOption(valueType())
    .addOption(label())
    .addOption(byLabel());
  define<LabelsOptions>('labels', t('Print the labels of samples, and what they weigh.'), async (...args) =>
    (await parts()).labels(...args),
  )
    .argument('<file>', file())
    .addOption(new Option('-n, --number <values>', t('at most so many of a key (default: 30; 0: all)')))
    .addOption(valueType())
    .addOption(label());
  define<PathOptions>('path', t('Print the heaviest chain of calls.'), async (...args) =>
    (await parts()).path(...args),
  )
    .argument('<file>', file())
    .addOption(valueType())
    .addOption(label())
    .addOption(byLabel());
  define<DiffOptions>('diff', t('Print what changed from one profile to another.'), async (...args) =>
    (await parts()).diff(...args),
  )
    .argument('<before>', file())
    .argument('<after>', file())
    .option('--markdown', t('print a table for a pull request'))
    .addOption(most())
    .addOption(valueType())
    .addOption(label());
  define<ConvertOptions>('convert', t('Write a profile in another format.'), async (...args) =>
    (await parts()).convert(...args),
  )
    .argument('<file>', file())
    .addOption(to().makeOptionMandatory())
    .addOption(valueType())
    .addOption(label())
    .addOption(byLabel())
    .addOption(output());
  define<MergeOptions>('merge', t('Make one profile of several, each below its name.'), async (...args) =>
    (await parts()).merge(...args),
  )
    .argument('<name=file...>', t('the profiles with the names of their hosts'))
    .addOption(to().default('pprof'))
    .addOption(valueType())
    .addOption(output());
}
