/** Which of the moments that lie an interval apart is next: those that a long pass has missed are left out. */
export function nextTick(tick: number, elapsedMs: number, intervalMs: number): number {
  return Math.max(tick + 1, Math.ceil(elapsedMs / intervalMs));
}
