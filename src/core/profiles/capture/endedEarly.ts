import { MusterError } from '../../errors';
import { t } from '../../l10n';

/** Nothing was recorded before it was enough. */
export const endedEarly = () => new MusterError('CANCELLED', t('the capture was ended before its turn'));
