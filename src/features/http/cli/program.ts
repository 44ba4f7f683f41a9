import { Option } from 'commander';
import { collected, selectorHelp, withBatchOptions } from '../../../shell/cli/batchProgram';
import type { DefineCommands } from '../../../shell/cli/defineCommand';
import { t } from '../../../shell/cli/l10n';
import type { GivenHttpOptions } from './httpOptions';

/** `muster http`. */
export const httpCommand: DefineCommands = (define) => {
  const command = define<GivenHttpOptions>(
    'http',
    t('Send an HTTP request from hosts: muster http SELECTOR… [METHOD] URL'),
    async (operands, options) => (await import('./http.part')).http(operands, options),
  )
    .usage('[options] SELECTOR… [METHOD] URL | [SELECTOR…] FILE.http')
    .argument('[selector...]', t('{0}; after them a method, and a URL', selectorHelp()));
  const options = [
    new Option(
      '-H, --header <header>',
      t('send “NAME: VALUE”; @FILE has one on each line; may be repeated'),
    ).argParser(collected),
    new Option(
      '-d, --data <data>',
      t('send this body, or @FILE, or @- for our own input; may be repeated'),
    ).argParser(collected),
    new Option('--json <json>', t('send this body as JSON, or @FILE, or @-')),
    new Option('--form <name=value>', t('send a field of a form, or NAME=@FILE; may be repeated')).argParser(
      collected,
    ),
    new Option('-X, --method <method>', t('the method (default: GET, or POST with a body)')),
    new Option('-m <method>').hideHelp(),
    new Option('--url <url>', t('the URL, in place of the last word')),
    new Option('--from <where>', t('from where to send it: from each host, or local, this machine'))
      .choices(['host', 'local'])
      .default('host'),
    new Option('--unix-socket <path>', t('connect to this socket in place of the address and port')),
    new Option('-L, --location', t('follow redirects, without credentials to another origin')),
    new Option('--max-redirs <number>', t('follow so many at most (default: 10)')),
    new Option('--cacert <file>', t('trust the authorities in this PEM file only')),
    new Option('--cert <file>', t('show this client certificate')),
    new Option('--key <file>', t('the key of the client certificate')),
    new Option('-k, --insecure', t('accept any certificate')),
    new Option('--http1.1', t('do not offer HTTP/2')),
    new Option('--compressed', t('ask for a compressed body, and print it decoded')),
    new Option('--include', t('print status and headers before the body')),
    new Option('-f, --fail', t('take a status of 400 or more for a failure')),
    new Option('--max-body <size>', t('keep this much of each body of several hosts (default: 1MiB)')),
    new Option('--diff', t('show other bodies as the difference to the most frequent one')),
    new Option('--timing', t('print how long each phase took')),
    new Option('--format <format>', t('how the responses are written')).choices(['text', 'json', 'ndjson']),
    new Option('--raw', t('write the bytes of the body to a terminal as they are')),
    new Option('--show-secrets', t('show values of headers that log somebody in')),
    new Option(
      '--confirm-over <number>',
      t('ask before other than GET, HEAD and OPTIONS on more hosts (default: 1)'),
    ),
    new Option('-y, --yes', t('do not ask')),
    new Option('--curl <command>', t('send what this command of curl sends, or that in @FILE or @-')),
    new Option('--as-curl', t('send nothing, and print the command of curl that sends the same on the host')),
    new Option('--har <file>', t('send nothing, and print the requests of a HAR file as a file of requests')),
    new Option('--name <request>', t('of a file of requests this one, by its “# @name”')),
    new Option('--var <name=value>', t('set a variable of the file; may be repeated')).argParser(collected),
  ];
  for (const option of options) command.addOption(option);
  withBatchOptions(command);
  // Programs of Go take long options after one dash.
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (words) =>
    parse(words.map((word) => word.replace(/^-(?=(?:url|json)(?:=|$))/, '--')));
};
