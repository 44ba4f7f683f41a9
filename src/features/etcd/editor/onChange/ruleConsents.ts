import { type Disposable, EventEmitter, type Memento } from 'vscode';
import type { RuleClaims } from './ruleClaims';

const key = 'muster.ruleConsents';

/** What somebody agreed to, in the words of that day. */
export interface Consent {
  rule: string;
  cluster: string;
  endpoints: readonly string[];
  /** Path of the inventory. */
  inventory: string;
  command: string;
  selector: string;
  /** ISO 8601. */
  given: string;
}

/** The standing consents of this user, by what they are for, over all windows. */
export class RuleConsents implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly memento: Memento,
    private readonly claims: RuleClaims,
  ) {}

  get all(): readonly (readonly [id: string, consent: Consent])[] {
    return Object.entries(this.memento.get<Record<string, Consent>>(key, {}));
  }

  has(id: string): boolean {
    return this.all.some(([other]) => other === id);
  }

  /** Whether this window is the one that acts on it. */
  async claim(id: string): Promise<boolean> {
    return this.claims.take(id).catch(() => false);
  }

  async give(id: string, consent: Consent): Promise<void> {
    await this.store([...this.all.filter(([other]) => other !== id), [id, consent]]);
  }

  async withdraw(ids: ReadonlySet<string>): Promise<void> {
    const kept = this.all.filter(([id]) => !ids.has(id));
    if (kept.length < this.all.length) await this.store(kept);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async store(all: readonly (readonly [string, Consent])[]): Promise<void> {
    await this.memento.update(key, Object.fromEntries(all));
    this.changed.fire();
  }
}
