/**
 * Calls a function a while after it was first requested, once for all requests meanwhile. What is pending when its owner
 * ends is not lost: the owner calls `flush`.
 */
export class Throttle {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly act: () => void,
    private readonly delayMs: number,
  ) {}

  request(): void {
    this.timer ??= setTimeout(() => this.flush(), this.delayMs);
  }

  /** Does now what is pending; nothing if nothing is. */
  flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.act();
  }
}
