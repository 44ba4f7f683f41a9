import type { Listen } from '../logView';

/** Milliseconds between two tellings, at least: sixty a second. */
const pauseMs = 16;

/** Tells who listens of a state that has changed, not each time that it does. */
export class Told<State> {
  private readonly listeners = new Set<(state: State) => void>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly read: () => State) {}

  readonly listen: Listen<State> = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  changed(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const state = this.read();
      for (const listener of this.listeners) listener(state);
    }, pauseMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listeners.clear();
  }
}
