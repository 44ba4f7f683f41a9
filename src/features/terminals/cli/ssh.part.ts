/** Shells on hosts: one bundle of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { openShell, type SshCommandOptions } from './ssh';

export const ssh = carriedOut<SshCommandOptions>(openShell);
