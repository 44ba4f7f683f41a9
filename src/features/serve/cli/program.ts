import { Option } from 'commander';
import {
  collected,
  inventoryOption,
  keepGoingOption,
  selectorHelp,
  sourcePasswordOption,
} from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import { endpointNames } from '../core/endpointNames';
import type { ServeOptions } from './serve';

/** `muster serve`. */
export const serveCommand: DefineCommands = (define) => {
  const command = define<ServeOptions>(
    'serve',
    t('Make checks at intervals, and serve their results to Prometheus.'),
    async (operands, options) => (await import('./serve.part')).serve(operands, options),
  ).argument('[selector...]', selectorHelp());
  const repeated = (flags: string, description: string) =>
    new Option(flags, description).argParser(collected);
  const options = [
    new Option('--check <check...>', t('only these checks')),
    new Option(
      '--interval <duration>',
      t('how often to make checks without an interval of their own (default: 60s)'),
    ),
    new Option(
      '--listen <place>',
      t('where to serve: ADDRESS:PORT or unix:PATH (default: {0})', '127.0.0.1:9797'),
    ),
    new Option(
      '--token-file <file>',
      t('a file that only you can read, with the token of clients on its first line'),
    ),
    sourcePasswordOption(),
    new Option('--tls-cert <file>', t('the certificate to serve with, as PEM')),
    new Option('--tls-key <file>', t('its key, as PEM')),
    repeated('--allow <network>', t('addresses that may connect, such as 10.0.0.0/8; may be repeated')),
    repeated('--server-name <name>', t('a name that clients may use in Host; may be repeated')),
    new Option(
      '--endpoints <names>',
      t('endpoints to serve, of {0} (default: all but reload)', endpointNames.join(',')),
    ),
    new Option('--probes <number>', t('probes of /probe at a time (default: 20)')),
    repeated('--alertmanager <url>', t('an Alertmanager to alert; @FILE: in a file; may be repeated')),
    new Option('--webhook <url>', t('where to post changes as JSON; @FILE: in a file')),
    new Option('--external-url <url>', t('where people reach this service, as alerts link to it')),
    new Option('--consents <file>', t('a file with the onChange rules that may run commands')),
    new Option('--list-consents', t('print the lines of that file for the current rules, and exit')),
    new Option('--state <file>', t('where to remember states (default: in your state folder)')),
    new Option('--grace <duration>', t('time for what is under way when this is stopped (default: 10s)')),
    new Option(
      '--cpu-profile <file>',
      t('write a CPU profile of this process, recorded from its start and again after SIGUSR2'),
    ),
    inventoryOption(),
    new Option('-c, --concurrency <number>', t('checks at a time (default: as in the inventory)')),
    keepGoingOption(),
    new Option('--accept-new', t('trust unknown host keys and remember them')),
  ];
  for (const option of options) command.addOption(option);
};
