/** The commands on an inventory: one bundle of its own, loaded when one of them is used. */
import { carriedOut } from './carriedOut';
import { checkHosts } from './commands/check';
import { listHosts } from './commands/hosts';
import { runOnHosts } from './commands/run';

export const hosts = carriedOut(listHosts);
export const check = carriedOut(checkHosts);
export const run = carriedOut(runOnHosts);
