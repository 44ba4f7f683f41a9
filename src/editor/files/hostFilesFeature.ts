import { Disposables } from '../disposables';
import type { Services } from '../services';

export function hostFilesFeature(_services: Services): Disposables {
  const owned = new Disposables();
  return owned;
}
