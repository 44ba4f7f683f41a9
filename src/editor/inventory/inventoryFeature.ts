import { Disposables } from '../disposables';
import type { Services } from '../services';
import { offerCompletion } from './completion';
import { offerProblemFixes } from './problemFixes';
import { publishProblems } from './problems';

/** `muster.yaml` as a document: problems and their fixes, completion, hover. */
export function inventoryFeature({ fleets }: Services): Disposables {
  const owned = new Disposables();
  owned.add(publishProblems(fleets));
  owned.add(offerProblemFixes());
  owned.add(offerCompletion(fleets));
  return owned;
}
