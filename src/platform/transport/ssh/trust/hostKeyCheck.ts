import type { AcceptedKey, HostVerifier, Presented } from './hostVerifier';
import type { SharedAttempt } from '../pool/sharedAttempt';

/** ssh2's `hostVerifier` of one connection. */
export class HostKeyCheck {
  private over = false;
  private received: Buffer | undefined;
  private acceptedKey: AcceptedKey | undefined;

  /** @param refused is told why the key is not accepted */
  constructor(
    private readonly verifier: HostVerifier,
    private readonly host: Omit<Presented, 'key'>,
    private readonly attempt: SharedAttempt<unknown>,
    private readonly refused: (error: unknown) => void,
  ) {}

  /** The server's key; undefined until it is accepted. */
  get accepted(): AcceptedKey | undefined {
    return this.acceptedKey;
  }

  /** Within the call where no question is needed: a longer handshake costs every host of a fan-out. */
  readonly verify = (received: Buffer, permit: (permitted: boolean) => void): void => {
    // Keys are exchanged anew after some time or traffic.
    if (this.received) return permit(this.received.equals(received));
    const presented = { ...this.host, key: Buffer.from(received) };
    const accept = (key: AcceptedKey) => {
      if (this.over) return;
      this.received = presented.key;
      this.acceptedKey = key;
      permit(true);
    };
    const refuse = (error: unknown) => {
      if (this.over) return;
      this.refused(error);
      permit(false);
    };
    try {
      const known = this.verifier.accepted(presented);
      if (known) accept(known);
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
    return this.acceptedKey?.whenProved?.();
  }
}
