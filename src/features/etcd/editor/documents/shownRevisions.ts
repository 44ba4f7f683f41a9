/** More keys than this in one window are forgotten again, the oldest first. */
const maxKnown = 2_000;

/** Up to which revision the user of each document has seen its key, by URI; 0: that it does not exist. */
export class ShownRevisions {
  private readonly revisions = new Map<string, number>();

  get(uri: string): number | undefined {
    return this.revisions.get(uri);
  }

  set(uri: string, revision: number): void {
    this.revisions.delete(uri);
    this.revisions.set(uri, revision);
    const [oldest] = this.revisions.keys();
    if (this.revisions.size > maxKnown && oldest !== undefined) this.revisions.delete(oldest);
  }
}
