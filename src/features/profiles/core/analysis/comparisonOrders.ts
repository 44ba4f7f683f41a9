import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { ComparedProfiles, type Comparison, type ComparisonOrder } from './comparison';
import { type LoadedProfile, profileOf } from '../model/loadedProfile';
import type { Profile } from '../model/profile';

/** By a number of its owner's, since a profile may be compared with several at once. */
const comparisons = new WeakMap<LoadedProfile, Map<number, ComparedProfiles>>();

/** Hands the profile over to the thread of another. @throws MusterError FORMAT */
export function sendProfile(loaded: LoadedProfile, { port }: { port: MessagePort }): void {
  try {
    // Labels are not compared.
    port.postMessage({ ...profileOf(loaded), labels: undefined });
  } finally {
    port.close();
  }
}

/** Takes the profile before this one from its thread. @throws MusterError CANCELLED if it is never sent */
export async function receiveProfile(
  loaded: LoadedProfile,
  { comparison, port }: { comparison: number; port: MessagePort },
): Promise<void> {
  const received = Promise.race([
    once(port, 'message').then(([profile]) => profile as Profile),
    once(port, 'close').then(() => undefined),
  ]);
  port.start();
  const before = await received;
  port.close();
  if (!before) throw new MusterError('CANCELLED', t('the profile to compare with could not be read'));
  const known = comparisons.get(loaded) ?? new Map<number, ComparedProfiles>();
  comparisons.set(loaded, known.set(comparison, new ComparedProfiles(before, profileOf(loaded))));
}

/** @throws MusterError FORMAT, TOO_LARGE, CANCELLED if nothing was received */
export function compareProfiles(
  loaded: LoadedProfile,
  { comparison, ...order }: ComparisonOrder & { comparison: number },
): Comparison {
  const both = comparisons.get(loaded)?.get(comparison);
  if (!both) throw new MusterError('CANCELLED', t('the profile is compared with none'));
  return both.compare(order);
}

export function endComparison(loaded: LoadedProfile, { comparison }: { comparison: number }): void {
  comparisons.get(loaded)?.delete(comparison);
}
