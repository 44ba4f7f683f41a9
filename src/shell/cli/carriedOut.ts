import { errorChain, errorReport, MusterError } from '../../platform/errors/errors';
import type { Authority } from '../../platform/host/host';
import { printable } from '../../platform/text/printable';
import type { Cli } from './cli';
import { exitStatus, exitStatusOf } from './exitStatus';
import { Interruption } from './terminal/interruption';
import type { SomeOptions } from './defineCommand';
import { configureLanguage, t } from './l10n';
import { Terminal } from './terminal/terminal';
import { terminalAuthority } from './terminal/terminalAuthority';

/** What a command does; resolves to the exit status. */
export type Work<Options> = (operands: readonly string[], options: Options, cli: Cli) => Promise<number>;

/**
 * The command in the surroundings of this process: what goes wrong is said and becomes the exit status. What programs
 * read is the same in every language.
 */
export function carriedOut<Options extends SomeOptions>(
  work: Work<Options>,
  isForPeople: (options: Options) => boolean = ({ json, ndjson }) => !json && !ndjson,
) {
  return async (operands: readonly string[], options: Options): Promise<number> => {
    await configureLanguage(process.env, { core: isForPeople(options) });
    const interruption = new Interruption();
    const terminal = new Terminal(interruption, process.env, options.color);
    const cwd = workingFolder();
    if (cwd === undefined) {
      terminal.note(t('muster: the working folder has been removed: change to another one'));
      return exitStatus.usage;
    }
    let person: Authority | undefined;
    const cli: Cli = {
      ...{ terminal, interruption, env: process.env, cwd },
      person: (acceptNew) => (person ??= terminalAuthority(terminal, interruption, acceptNew)),
    };
    for (const event of ['uncaughtException', 'unhandledRejection'])
      process.on(event, (error) => process.exit(report(error, cli)));
    return work(operands, options, cli)
      .catch((error: unknown) => report(error, cli))
      .finally(() => interruption.ended());
  };
}

/** Undefined where somebody has removed it. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Says what went wrong and tells how to exit. */
function report(error: unknown, { terminal, interruption }: Cli): number {
  const known = error instanceof MusterError ? error : new MusterError('INTERNAL', '', { cause: error });
  const status = exitStatusOf(known.code);
  switch (status) {
    case exitStatus.usage:
      terminal.note(`muster: ${known.message}`);
      if (known.hint) terminal.note(known.hint);
      return status;
    case exitStatus.interrupted:
      return interruption.exitStatus ?? status;
    case exitStatus.internal:
      terminal.note(t('muster: internal error: {0}', detailsOf(known.cause ?? known)));
      return status;
    default:
      // What the work came to when it was told to end is not what went wrong.
      if (interruption.exitStatus !== undefined) return interruption.exitStatus;
      for (const line of errorLines(known)) terminal.note(line);
      return status;
  }
}

function detailsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The chain of an error as it is said, from the symptom down to what can be done. */
export function errorLines(error: MusterError): string[] {
  const { causes, ...report } = errorReport(error);
  // Those of gRPC say the same once more.
  const news = causes.filter((cause) => !/^\d+ [A-Z_]+: /.test(cause) && !cause.includes(report.message));
  const [first, ...rest] = errorChain({ ...report, causes: news });
  const place = error.host === undefined ? '' : `${error.host}: `;
  return [`muster: ${place}${first}`, ...rest].map((line) => printable(line, 500));
}
