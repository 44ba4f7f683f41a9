/** The lab and the servers it consists of: one bundle of its own. */
import { carriedOut } from './carriedOut';
import { runLab } from './commands/lab';

export const lab = carriedOut(runLab);
