import path from 'node:path';
import { fileFault } from '../../../platform/files/fileFault';
import { largestFile } from '../../../platform/files/regularFile';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import { readNamedFile } from '../../../shell/cli/namedFile';
import { formatProblem } from '../../../shell/cli/output/problemText';
import { expectationsOf } from '../core/file/expectations';
import { wayText } from '../core/file/connectionOf';
import { type FileProblem, type FileRequest, type HttpFile, parseHttpFile } from '../core/file/httpFile';
import { requestsUpTo } from '../core/file/requestOfFile';
import { rehearse, sendFromFile } from '../core/file/sendFromFile';
import type { GivenHttpOptions, Wanted } from './httpOptions';

/** The request of a file that is to be sent, with those that it needs. @throws UsageError, MusterError USAGE */
export async function readFileRequests(
  file: string,
  selectors: readonly string[],
  options: GivenHttpOptions,
  cli: Cli,
): Promise<Wanted> {
  refuseOthers(options);
  if ((options.cert === undefined) !== (options.key === undefined))
    throw new UsageError(t('--cert and --key belong together'));
  const parsed = parseHttpFile(await readText(file, cli));
  refuseProblems(file, problemsOf(parsed), cli);
  const wanted = named(options.name, parsed);
  const steps = requestsUpTo(wanted, parsed);
  const { from, compressed = false, insecure = false, cacert: ca, cert, key, unixSocket } = options;
  const sending = {
    folder: path.dirname(path.resolve(cli.cwd, file)),
    rest: {
      ...{ from, compressed, http2: !options['http1.1'], socket: unixSocket },
      tls: { ca, cert, key, insecure },
    },
    values: {
      variables: parsed.variables,
      given: givenValues(options.var ?? []),
      secret: (name: string) => Promise.resolve(cli.env[name]),
    },
  };
  const whole = await rehearse(steps, sending);
  const hosts = selectors.length > 0 ? selectors : wanted.hosts;
  if (hosts.length === 0 && from !== 'local')
    throw new UsageError(
      t('from which hosts? Name some before the file, write “# @hosts SELECTOR” into it, or --from local'),
    );
  return {
    selectors: hosts,
    requests: steps.map((step) => ({ method: step.method, url: step.url + wayText(step) })),
    whole,
    isJudged: wanted.expect.length > 0,
    isInsecure: !insecure && steps.some(({ isInsecure }) => isInsecure),
    start: (all, send) => sendFromFile(all, steps, { ...sending, send }),
  };
}

/** What a file says itself. @throws UsageError */
function refuseOthers({ header, data, json, form, method, m, url, location }: GivenHttpOptions): void {
  const given = Object.entries({ header, data, json, form, method: method ?? m, url, location });
  const [option] = given.find(([, value]) => value !== undefined) ?? [];
  if (option !== undefined)
    throw new UsageError(t('--{0} is not for a file of requests: write it there', option));
}

async function readText(file: string, cli: Cli): Promise<string> {
  try {
    return (await readNamedFile(file, largestFile.inventory, cli)).toString('utf8');
  } catch (error) {
    if (cli.interruption.signal.aborted) throw error;
    throw new UsageError(t('cannot read {0}: {1}', file, fileFault(error)));
  }
}

function problemsOf(file: HttpFile): FileProblem[] {
  return [...file.problems, ...file.requests.flatMap((request) => expectationsOf(request).problems)];
}

/** @throws UsageError */
function refuseProblems(file: string, problems: readonly FileProblem[], { cwd, terminal }: Cli): void {
  if (problems.length === 0) return;
  const source = { file: path.resolve(cwd, file), column: 1, endColumn: 1 };
  for (const { line, message } of problems.slice(0, 100)) {
    const range = { ...source, line, endLine: line };
    terminal.note(formatProblem({ severity: 'error', message, range }, cwd, terminal.stderr.colors));
  }
  throw new UsageError(t('the file has problems, so nothing was sent'));
}

/** @throws UsageError */
function named(name: string | undefined, { requests }: HttpFile): FileRequest {
  const found = name === undefined ? requests : requests.filter((request) => request.name === name);
  if (found.length === 1) return found[0]!;
  const names = requests.flatMap((request) => request.name ?? []).join(', ');
  if (requests.length === 0) throw new UsageError(t('the file has no request'));
  if (name === undefined)
    throw new UsageError(
      t('the file has {0} requests: name one with --name ({1})', requests.length, printable(names, 200)),
    );
  throw new UsageError(
    t('--name: the file has no request “{0}” ({1})', printable(name, 60), printable(names, 200)),
  );
}

/** @throws UsageError */
function givenValues(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const [, name, value] = /^([^\s=]+)=(.*)$/s.exec(assignment) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError(t('--var: what is given is not NAME=VALUE'));
      return [name, value];
    }),
  );
}
