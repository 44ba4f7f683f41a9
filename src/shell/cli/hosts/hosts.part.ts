/** Lists of hosts: a part of its own. */
import { carriedOut } from '../carriedOut';
import { type HostsCommandOptions, listHosts } from './hosts';

export const hosts = carriedOut<HostsCommandOptions>(listHosts);
