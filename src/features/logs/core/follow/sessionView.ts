import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import type { LogFilter, TextPattern } from '../filter/logFilter';
import type { FindState, Listen, LogView, ViewState } from '../logView';
import type { StoreClient } from './storeClient';

/** Listeners of one kind. */
export class Listeners<State> {
  private readonly listeners = new Set<(state: State) => void>();

  readonly listen: Listen<State> = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  tell(state: State): void {
    for (const listener of this.listeners) listener(state);
  }
}

/** A view as a session gives it; the work is done where the store is. */
export class SessionView implements LogView {
  state: ViewState;
  findState: FindState = { count: 0, scanned: 1 };
  private readonly states = new Listeners<ViewState>();
  private readonly finds = new Listeners<FindState>();
  readonly onState = this.states.listen;
  readonly onFind = this.finds.listen;
  private isDisposed = false;

  constructor(
    private readonly client: StoreClient,
    private readonly id: number,
    state: ViewState,
    private readonly disposed: () => void,
  ) {
    this.state = state;
  }

  tellState(state: ViewState): void {
    const { generation, first, end, total, scanned } = this.state;
    const isSame =
      generation === state.generation &&
      first === state.first &&
      end === state.end &&
      total === state.total &&
      scanned === state.scanned;
    if (isSame || this.isDisposed || state.generation < generation) return;
    this.state = state;
    this.states.tell(state);
  }

  tellFind(state: FindState): void {
    if ((state.count === this.findState.count && state.scanned === this.findState.scanned) || this.isDisposed)
      return;
    this.findState = state;
    this.finds.tell(state);
  }

  async setFilter(filter: LogFilter): Promise<void> {
    this.tellState(await this.alive().setFilter(this.id, filter));
  }

  async rows(from: number, to: number) {
    return this.alive().rows(this.id, from, to);
  }

  async positionOf(seq: number) {
    return this.alive().positionOf(this.id, seq);
  }

  async positionAt(time: number) {
    return this.alive().positionAt(this.id, time);
  }

  async find(pattern: TextPattern | undefined): Promise<void> {
    this.tellFind(await this.alive().find(this.id, pattern));
  }

  async next(position: number) {
    return this.alive().neighbour(this.id, position, 1);
  }

  async previous(position: number) {
    return this.alive().neighbour(this.id, position, -1);
  }

  async histogram(buckets: number, from?: number, to?: number) {
    return this.alive().histogram(this.id, buckets, from, to);
  }

  async *text(from: number, to: number, { prefixed = false } = {}): AsyncGenerator<string> {
    for (let at = from; at < to;) {
      const part = await this.alive().text(this.id, at, to, prefixed);
      if (part.text === '') return;
      yield part.text;
      at = part.next;
    }
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.client.closeView(this.id);
    this.disposed();
  }

  /** @throws MusterError CANCELLED */
  private alive(): StoreClient['calls'] {
    if (this.isDisposed) throw new MusterError('CANCELLED', t('the view of the logs is closed'));
    return this.client.calls;
  }
}
