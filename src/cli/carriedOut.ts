import chineseOfCore from '../../l10n/core.l10n.zh-cn.json';
import { MusterError } from '../core/errors';
import type { Cli } from './cli';
import { exitStatus, UsageError } from './exitStatus';
import { Interruption } from './interruption';
import { configureLanguage, t } from './l10n';
import type { CommonOptions } from './options';
import { Terminal } from './terminal';

/** What a command does; resolves to the exit status. */
type Work<Options> = (operands: readonly string[], options: Options, cli: Cli) => Promise<number>;

/** The command in the surroundings of this process: what goes wrong is said and becomes the exit status. */
export function carriedOut<Options extends CommonOptions>(work: Work<Options>) {
  return async (operands: readonly string[], options: Options): Promise<number> => {
    // What programs read is the same in every language.
    configureLanguage(process.env, options.json || options.ndjson ? {} : chineseOfCore);
    const interruption = new Interruption();
    const terminal = new Terminal(interruption, process.env, options.color);
    const cli: Cli = { terminal, interruption, env: process.env, cwd: process.cwd() };
    for (const event of ['uncaughtException', 'unhandledRejection'])
      process.on(event, (error) => process.exit(report(error, cli)));
    return work(operands, options, cli)
      .catch((error: unknown) => report(error, cli))
      .finally(() => interruption.ended());
  };
}

/** Says what went wrong and tells how to exit. */
function report(error: unknown, { terminal, interruption }: Cli): number {
  if (error instanceof UsageError || MusterError.is(error, 'INVENTORY', 'READ_ONLY')) {
    terminal.note(`muster: ${error.message}`);
    if (error instanceof MusterError && error.hint) terminal.note(error.hint);
    return exitStatus.usage;
  }
  if (MusterError.is(error, 'CANCELLED')) return interruption.exitStatus ?? exitStatus.interrupted;
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.note(t('muster: internal error: {0}', details));
  return exitStatus.internal;
}
