import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
} from 'cockatiel';
import { MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';

/** How an attempt to connect ended. */
export type Outcome<T> =
  | { value: T }
  /** `dead`: the host did not answer at all. */
  | { error: MusterError; dead: boolean };

export interface CircuitSettings {
  /** Attempts in a row that find the host dead before it is left alone. */
  threshold: number;
  /** Milliseconds until one attempt tries whether it is back. */
  retryAfterMs: number;
}

/** Keeps a dead host from costing every batch its time: after a failure, attempts fail at once for a while. */
export class Circuit {
  private breaker: CircuitBreakerPolicy | undefined;
  private openedAt = 0;
  private cause: MusterError | undefined;

  constructor(private readonly settings: CircuitSettings) {}

  /** Closes the circuit, because a person wants to know. */
  reset(): void {
    this.breaker = undefined;
  }

  /** CIRCUIT_OPEN, if the host is left alone now. */
  refusal(): MusterError | undefined {
    const remainingMs = this.openedAt + this.settings.retryAfterMs - Date.now();
    if (this.breaker?.state !== CircuitState.Open || remainingMs <= 0) return undefined;
    const since = new Date(this.openedAt).toISOString().slice(11, 19);
    const seconds = Math.ceil(remainingMs / 1000);
    return new MusterError(
      'CIRCUIT_OPEN',
      t(
        'not tried: dead since {0} UTC ({1}: {2}); next try in {3} s',
        since,
        this.cause?.code,
        this.cause?.message,
        seconds,
      ),
      { phase: 'connect', hint: t('Check the host to try now.'), cause: this.cause },
    );
  }

  /** @throws MusterError the outcome's, or CIRCUIT_OPEN */
  async run<T>(attempt: () => Promise<Outcome<T>>): Promise<T> {
    const refusal = this.refusal();
    if (refusal) throw refusal;
    const outcome = await (this.breaker ??= this.newBreaker()).execute<Outcome<T>>(attempt);
    if ('value' in outcome) return outcome.value;
    throw outcome.error;
  }

  private newBreaker(): CircuitBreakerPolicy {
    const failed = handleWhenResult((outcome) => (outcome as { dead?: boolean }).dead === true);
    const breaker = circuitBreaker(failed, {
      halfOpenAfter: this.settings.retryAfterMs,
      breaker: new ConsecutiveBreaker(this.settings.threshold),
    });
    breaker.onBreak((reason) => {
      this.openedAt = Date.now();
      if ('value' in reason) this.cause = (reason.value as { error: MusterError }).error;
    });
    return breaker;
  }
}
