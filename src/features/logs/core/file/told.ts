import { Throttle } from '../../../../platform/batch/throttle';
import type { Listen } from '../logView';

/** Milliseconds between two tellings, at least: sixty a second. */
const pauseMs = 16;

/** Tells who listens of a state that has changed, not each time that it does. */
export class Told<State> {
  private readonly listeners = new Set<(state: State) => void>();
  private readonly throttle = new Throttle(() => {
    const state = this.read();
    for (const listener of this.listeners) listener(state);
  }, pauseMs);

  constructor(private readonly read: () => State) {}

  readonly listen: Listen<State> = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  changed(): void {
    this.throttle.request();
  }

  dispose(): void {
    this.throttle.flush();
    this.listeners.clear();
  }
}
