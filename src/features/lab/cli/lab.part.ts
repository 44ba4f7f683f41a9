/** The lab and the servers it consists of: one bundle of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import { runLab } from './lab';

export const lab = carriedOut(runLab);
