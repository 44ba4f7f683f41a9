import type { Cli } from '../../../shell/cli/cli';
import type { EtcdSession } from './etcdSession';

/** What a command does with the clusters of the inventory. */
export type EtcdWork<Options> = (
  operands: readonly string[],
  options: Options,
  session: EtcdSession,
  cli: Cli,
) => Promise<number>;
