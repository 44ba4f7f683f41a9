/** Following logs: one bundle of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { followLogs, type LogsCommandOptions } from './logs';

export const logs = carriedOut<LogsCommandOptions>(followLogs);
