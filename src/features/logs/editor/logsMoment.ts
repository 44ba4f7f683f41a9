/** Hosts and a time that logs are opened at. */
export interface LogsMoment {
  readonly selector: string;
  /** The file or the name of the inventory; without it, the only one. */
  readonly inventory?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}
