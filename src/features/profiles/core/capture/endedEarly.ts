import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

/** Nothing was recorded before it was enough. */
export const endedEarly = () => new MusterError('CANCELLED', t('the capture was ended before its turn'));
