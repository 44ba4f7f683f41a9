import type { Probe } from './probe';

/** Kinds of checks beside the built-in ones, such as those of other extensions. */
export class ExtraProbes {
  /** Another list after each change. */
  all: readonly Probe[] = [];

  get(type: string): Probe | undefined {
    return this.all.find((probe) => probe.type === type);
  }

  add(probe: Probe): void {
    this.all = [...this.all, probe];
  }

  remove(probe: Probe): void {
    this.all = this.all.filter((one) => one !== probe);
  }
}
