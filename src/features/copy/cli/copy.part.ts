/** Copying to hosts and fetching from them: one bundle of its own. */
import { setFlagsFromString } from 'node:v8';
import { carriedOut } from '../../../shell/cli/carriedOut';
import { copyToHosts, fetchFromHosts, type TransferCommandOptions } from './transferCommand';

/**
 * Buffers come and go by the gigabyte, and each 64 MB of them V8 would mark all of the heap in steps, for nothing: a third of the
 * time of a large copy.
 */
setFlagsFromString('--no-incremental-marking');

export const copy = carriedOut<TransferCommandOptions>(copyToHosts);
export const fetch = carriedOut<TransferCommandOptions>(fetchFromHosts);
