/** Characters that may wait; more than anybody types while a host is logged in to. */
const maxLength = 64 * 1024;
const ctrlC = '\x03';

/** What is typed before there is a shell: a terminal would keep it too, and an interrupt would discard it there. */
export class EarlyInput {
  private text = '';
  private overflown = false;

  /** Whether it is kept. Half of what was pasted could be another command, so then nothing is. */
  add(data: string): boolean {
    if (data === ctrlC) this.clear();
    else if (!this.overflown && this.text.length + data.length <= maxLength) this.text += data;
    else {
      this.clear();
      this.overflown = true;
    }
    return !this.overflown;
  }

  /** Hands out what waits, and forgets it. */
  take(): string {
    const { text } = this;
    this.clear();
    return text;
  }

  clear(): void {
    this.text = '';
    this.overflown = false;
  }
}
