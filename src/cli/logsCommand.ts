/** Following logs: one bundle of its own. */
import { errorChain, errorReport, MusterError } from '../core/errors';
import { printable } from '../core/printable';
import { carriedOut } from './carriedOut';
import { followLogs, type LogsCommandOptions } from './commands/logs';
import { exitStatus } from './exitStatus';

export const logs = carriedOut<LogsCommandOptions>(async (operands, options, cli) => {
  try {
    return await followLogs(operands, options, cli);
  } catch (error) {
    if (!MusterError.is(error, 'FORMAT')) throw error;
    const [first, ...rest] = errorChain(errorReport(error));
    for (const line of [`muster: ${first}`, ...rest]) cli.terminal.note(printable(line, 500));
    return exitStatus.usage;
  }
});
