import type { Disposable } from 'vscode';

/** Owns disposables and disposes them in reverse order; what is added afterwards is disposed at once. */
export class Disposables implements Disposable {
  private owned: Disposable[] = [];
  private disposed = false;

  add<Owned extends Disposable>(disposable: Owned): Owned {
    if (this.disposed) disposable.dispose();
    else this.owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    this.disposed = true;
    const owned = this.owned.reverse();
    this.owned = [];
    for (const disposable of owned) disposable.dispose();
  }
}
