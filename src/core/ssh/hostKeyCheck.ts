import type { HostVerifier, Presented } from './hostVerifier';
import type { SharedAttempt } from './sharedAttempt';

/** ssh2's `hostVerifier` of one connection. */
export class HostKeyCheck {
  private over = false;
  private accepted: Buffer | undefined;
  private whenProved: (() => Promise<void>) | undefined;

  /** @param refused is told why the key is not accepted */
  constructor(
    private readonly verifier: HostVerifier,
    private readonly host: Omit<Presented, 'key'>,
    private readonly attempt: SharedAttempt<unknown>,
    private readonly refused: (error: unknown) => void,
  ) {}

  /** Within the call where no question is needed: a longer handshake costs every host of a fan-out. */
  readonly verify = (received: Buffer, permit: (permitted: boolean) => void): void => {
    // Keys are exchanged anew after some time or traffic.
    if (this.accepted) return permit(this.accepted.equals(received));
    const presented = { ...this.host, key: Buffer.from(received) };
    const accept = (whenProved?: () => Promise<void>) => {
      if (this.over) return;
      this.accepted = presented.key;
      this.whenProved = whenProved;
      permit(true);
    };
    const refuse = (error: unknown) => {
      if (this.over) return;
      this.refused(error);
      permit(false);
    };
    try {
      if (this.verifier.knows(presented)) accept();
      else this.verifier.ask(presented, this.attempt).then(accept, refuse);
    } catch (error) {
      refuse(error);
    }
  };

  /** Call it when the connection has failed: ssh2 must be told nothing more. */
  giveUp(): void {
    this.over = true;
  }

  /** Call it when the server has proved that it holds the key: only then it may be remembered. */
  proved(): Promise<void> | undefined {
    return this.whenProved?.();
  }
}
