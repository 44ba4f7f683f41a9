import type { MusterError } from '../../errors/errors';
import type { Fragment } from '../fragment';

/** What an inventory, or a part of it, is read from: files, or a service that knows which hosts there are. */
export interface InventorySource {
  /** What it is, for people: a file, or `etcd main, /services/web/`. */
  describe(): string;
  /** What it has now. @throws MusterError why it has no answer */
  load(signal: AbortSignal): Promise<SourceAnswer>;
  /**
   * Tells what changes after the last `load`, until `signal` aborts. It resolves when only another `load` can tell what
   * there is. Without it a source is asked again when its answer ends. @throws MusterError
   */
  onDidChange?(listener: (news: SourceNews) => void, signal: AbortSignal): Promise<void>;
}

export interface SourceAnswer {
  /** Made when asked for: an answer that another one follows at once is never looked at. */
  fragments(): readonly Fragment[];
  /** Milliseconds for which it holds. */
  readonly validMs?: number;
}

/** `still`: the last answer holds; `lost`: whether it does is unknown from now on. */
export type SourceNews =
  | { readonly kind: 'answer'; readonly answer: SourceAnswer }
  | { readonly kind: 'still' }
  | { readonly kind: 'lost'; readonly error: MusterError };
