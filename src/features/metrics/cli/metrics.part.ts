/** Reading metrics: one bundle of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { type MetricsOptions, showMetrics } from './metrics';

export const metrics = carriedOut<MetricsOptions>(showMetrics);
