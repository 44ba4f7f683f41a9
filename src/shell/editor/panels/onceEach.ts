import { type MusterError, toMusterError } from '../../../platform/errors/errors';

/** Tells each error once: a thread that has ended rejects every later request with the same one. */
export function onceEach(tell: (error: MusterError) => void): (error: unknown) => void {
  const told = new WeakSet<MusterError>();
  return (error) => {
    const known = toMusterError(error);
    if (told.has(known)) return;
    told.add(known);
    tell(known);
  };
}
