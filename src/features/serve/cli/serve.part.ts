/** Serving: a part of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { serve as serveChecks, type ServeOptions } from './serve';

export const serve = carriedOut<ServeOptions>(serveChecks);
