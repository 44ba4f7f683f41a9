/** Comparing facts of hosts: one bundle of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { compareHosts, type DriftOptions } from './drift';

export const drift = carriedOut<DriftOptions>(compareHosts);
