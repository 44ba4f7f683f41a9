import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settleAll } from './settle';

const pollMs = 150;

/**
 * The folder in which a file with the name of a host says that this host is broken. It is read again and
 * again, rather than watched, because watching differs between systems and loses events on some.
 */
export class BrokenFolder {
  private readonly broken = new Set<string>();
  private work: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /** `apply` takes a host down or brings it back; when it fails it is tried again. */
  constructor(
    private readonly directory: string,
    private readonly hostNames: ReadonlySet<string>,
    private readonly apply: (name: string, broken: boolean) => Promise<void>,
  ) {
    this.poll();
  }

  /** Resolves when the host is down. @throws RangeError for a name that is no host */
  async breakHost(name: string): Promise<void> {
    await writeFile(this.fileOf(name), '');
    await this.reconcile();
  }

  /** Resolves when the host is up again. @throws RangeError for a name that is no host */
  async mendHost(name: string): Promise<void> {
    await rm(this.fileOf(name), { force: true });
    await this.reconcile();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.work;
  }

  private fileOf(name: string): string {
    if (!this.hostNames.has(name)) throw new RangeError(`the lab has no host named ${name}`);
    return join(this.directory, name);
  }

  private poll(): void {
    this.timer = setTimeout(() => {
      const next = (): void => {
        if (!this.stopped) this.poll();
      };
      this.reconcile().then(next, next);
    }, pollMs);
  }

  /** One pass at a time. */
  private reconcile(): Promise<void> {
    const pass = this.work.then(() => this.applyFolder());
    this.work = pass.catch(() => {});
    return pass;
  }

  private async applyFolder(): Promise<void> {
    if (this.stopped) return;
    const wanted = new Set(await this.namesInFolder());
    const changed = [...this.hostNames].filter((name) => wanted.has(name) !== this.broken.has(name));
    await settleAll(
      changed.map(async (name) => {
        await this.apply(name, wanted.has(name));
        if (wanted.has(name)) this.broken.add(name);
        else this.broken.delete(name);
      }),
    );
  }

  private async namesInFolder(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}
