import { Option } from 'commander';
import {
  becomeOptions,
  collected,
  selectorHelp,
  sshThreadsOption,
  withBatchOptions,
} from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { RunCommandOptions } from './run';

/** `muster run`, whose remote command comes after `--`. */
export const runCommand: DefineCommands = (define, remote) => {
  withBatchOptions(
    define<RunCommandOptions>(
      'run',
      t('Run a command on hosts: muster run SELECTOR… -- COMMAND…'),
      async (operands, options) =>
        (await import('./run.part')).run(operands, { ...options, command: remote }),
    )
      .usage('[options] SELECTOR… -- COMMAND…')
      .argument('<selector...>', selectorHelp())
      .option('--script <file>', t('run a local script instead of a command'))
      .option('--stdin <file>', t('send a file to the command’s standard input; - is our own'))
      .option('--env <name=value>', t('set a variable for the command; may be repeated'), collected)
      .option('--sudo', t('run as root through sudo -n'))
      .option('--max-output <size>', t('keep this much of each output of a host (default: 10MiB)'))
      .option('--output-dir <folder>', t('write the outputs and exit status of each host to files in it'))
      .addOption(
        new Option('--prefix', t('print lines as they come, each after the name of its host')).conflicts([
          'json',
          'ndjson',
        ]),
      )
      .option('--timing', t('print how long each host took, the slowest first'))
      .option('--diff', t('show other outputs as the difference to the most frequent one'))
      .option(
        '--limit <selector>',
        t('of the selected hosts only these; @failed: that failed in the last run; may be repeated'),
        collected,
      )
      .option('--retries <number>', t('try a host again that was not reached; no command is sent twice'))
      .option('--pause <duration>', t('wait between the batches of --serial, e.g. 30s'))
      .option('--confirm-over <number>', t('ask before a run on more hosts than this'))
      .option('-y, --yes', t('do not ask'))
      .option('--trace-inline', t('set TRACEPARENT in the command line, for POSIX shells')),
    [...becomeOptions(), sshThreadsOption()],
  );
};
