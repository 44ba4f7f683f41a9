/** Copying to hosts and fetching from them: one bundle of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { copyToHosts, fetchFromHosts, type TransferCommandOptions } from './transferCommand';

export const copy = carriedOut<TransferCommandOptions>(copyToHosts);
export const fetch = carriedOut<TransferCommandOptions>(fetchFromHosts);
