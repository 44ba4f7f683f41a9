/** Runs on hosts: a part of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { type RunCommandOptions, runOnHosts } from './run';

export const run = carriedOut<RunCommandOptions>(runOnHosts);
