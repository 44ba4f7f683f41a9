/** Checks of hosts: a part of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { type CheckCommandOptions, checkHosts } from './check';
import { isForPeople } from './formatNames';

export const check = carriedOut<CheckCommandOptions>(checkHosts, isForPeople);
