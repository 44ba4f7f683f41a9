/** Targets that others wait for. */
interface Gate {
  open: number;
  readonly behind: number[];
}

/**
 * Whose turn it is among the targets of a pass, which go by their numbers: in their order, but for those that wait until
 * others have ended, or until a time. These take no slot meanwhile.
 */
export class Turns {
  private readonly ready: number[] = [];
  /** How many gates are before a target. */
  private readonly gatesBefore = new Map<number, number>();
  private readonly gatesOf = new Map<number, Gate[]>();
  /** Of the targets that were added, those behind gates. */
  private readonly held = new Set<number>();
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private idle: (() => void)[] = [];

  /** With `waitsFor`, a target begins when all of each of these groups have ended. They are told apart by identity. */
  constructor(waitsFor: ReadonlyMap<number, readonly (readonly number[])[]> = new Map()) {
    const gates = new Map<readonly number[], Gate>();
    for (const [target, groups] of waitsFor) {
      for (const group of groups) {
        let gate = gates.get(group);
        if (!gate) gates.set(group, (gate = this.gateOf(group)));
        gate.behind.push(target);
      }
      this.gatesBefore.set(target, groups.length);
    }
  }

  /** Those which may have their turn from now on. */
  add(first: number, count: number): void {
    for (let target = first; target < first + count; target++) {
      if (this.gatesBefore.has(target)) this.held.add(target);
      else this.ready.push(target);
    }
  }

  /** The next one that may begin now. */
  take(): number | undefined {
    return this.ready.shift();
  }

  /** Whether some of those which were added wait for others to end, or for a time. */
  get isWaiting(): boolean {
    return this.held.size + this.timers.size > 0;
  }

  /** Resolves when there may be one to take, or whoever waits is to look again. */
  change(): Promise<void> {
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** It has another turn, after those that are ready. */
  again(target: number): void {
    this.ready.push(target);
    this.wake();
  }

  /** It has another turn in so many milliseconds. */
  later(target: number, ms: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(target);
      this.again(target);
    }, ms);
    this.timers.set(target, timer);
  }

  /** Those which waited for it alone may begin. */
  ended(target: number): void {
    for (const gate of this.gatesOf.get(target) ?? []) if (--gate.open === 0) this.pass(gate);
    this.wake();
  }

  /** Whoever waits looks again at what may begin. */
  readonly wake = (): void => {
    const { idle } = this;
    this.idle = [];
    for (const resume of idle) resume();
  };

  /** Those which were added and had no turn, or wait for another one. */
  left(): number[] {
    for (const timer of this.timers.values()) clearTimeout(timer);
    return [...this.ready.splice(0), ...this.timers.keys(), ...this.held].sort((one, other) => one - other);
  }

  private gateOf(group: readonly number[]): Gate {
    const gate: Gate = { open: group.length, behind: [] };
    for (const member of group) {
      const gates = this.gatesOf.get(member);
      if (gates) gates.push(gate);
      else this.gatesOf.set(member, [gate]);
    }
    return gate;
  }

  private pass({ behind }: Gate): void {
    for (const target of behind) {
      const before = this.gatesBefore.get(target)! - 1;
      this.gatesBefore.set(target, before);
      if (before > 0) continue;
      this.gatesBefore.delete(target);
      if (this.held.delete(target)) this.ready.push(target);
    }
  }
}
