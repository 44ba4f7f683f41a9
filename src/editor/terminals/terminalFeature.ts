import { Disposables } from '../disposables';
import type { Services } from '../services';

export function terminalFeature(_services: Services): Disposables {
  const owned = new Disposables();
  return owned;
}
