/** Following logs: one bundle of its own. */
import { carriedOut } from './carriedOut';
import { followLogs, type LogsCommandOptions } from './commands/logs';

export const logs = carriedOut<LogsCommandOptions>(followLogs);
