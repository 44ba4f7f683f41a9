import { type Command, Option } from 'commander';
import { becomeMethods } from '../../platform/inventory/model';
import { t } from './l10n';

export function selectorHelp(): string {
  return t('a name, glob or range, @group, label=value; a comma means AND, a leading ! excludes');
}

/** Of an option that may be repeated, which takes one value each time. */
export const collected = (value: string, before: readonly string[] = []): string[] => [...before, value];

export const inventoryOption = () =>
  new Option('-i, --inventory <file>', t('the inventory (default: muster.yaml, searched upwards)'));
export const keepGoingOption = () =>
  new Option('--keep-going', t('use what is sound of an inventory with errors'));

/** Those that every command takes, meaningful or not. */
export function batchOptions(): Option[] {
  return [
    new Option('-c, --concurrency <number>', t('hosts in flight (default: as in the inventory)')),
    new Option('-t, --timeout <duration>', t('time for each host, connecting included, e.g. 800ms')),
    new Option('--fail-fast', t('begin no more hosts after the first failure')).conflicts('maxFailures'),
  ];
}

/** Of commands that run commands on hosts. */
export const sshThreadsOption = () =>
  new Option(
    '--ssh-threads <number>',
    t('threads that speak SSH (default: auto, by the hosts and processors)'),
  );

/** Options of commands that can work as another user on hosts. */
export function becomeOptions(): Option[] {
  return [
    new Option('--become', t('work as another user on the hosts, as become of muster.yaml says')),
    new Option('--become-user <user>', t('the user to become (default: as the inventory says, else root)')),
    new Option('--become-method <method>', t('how (default: as the inventory says, else sudo)')).choices(
      becomeMethods,
    ),
    new Option(
      '--become-password-file <file>',
      t('a file or pipe whose first line is the password (default: asked for where a host wants one)'),
    ),
  ];
}

/** For commands that read sources of metrics. */
export function sourcePasswordOption(): Option {
  return new Option(
    '--source-password-file <source=file>',
    t('a file or pipe whose first line is the password or token of this source; may be repeated'),
  ).argParser(collected);
}

/** Adds the options of commands that work on many hosts, and these. */
export function withBatchOptions(command: Command, more: readonly Option[] = []): Command {
  const options = [
    inventoryOption(),
    ...batchOptions(),
    new Option('--max-failures <number>', t('begin no more hosts after more failures than N or P%')),
    new Option('--serial <sizes>', t('work in batches of these sizes, e.g. 1,10%,50%')),
    keepGoingOption(),
    new Option('--accept-new', t('trust unknown host keys and remember them')),
  ];
  for (const option of [...more, ...options]) command.addOption(option);
  return command;
}
