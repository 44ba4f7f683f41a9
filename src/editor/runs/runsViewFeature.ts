import { Disposables } from '../disposables';
import type { Services } from '../services';

export function runsViewFeature(_services: Services): Disposables {
  const owned = new Disposables();
  return owned;
}
