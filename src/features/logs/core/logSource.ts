import type { BecomeSettings } from '../../../platform/inventory/model';

/** How lines are read for their time, level and fields; `auto` looks at each line. */
export const logFormats = ['auto', 'json', 'logfmt', 'clf', 'syslog'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Where lines come from on a host: one of the kinds. */
export type LogOrigin =
  /** A file or glob, placeholders resolved, followed as `tail -F` does. */
  | { readonly kind: 'file'; readonly path: string }
  /** The journal of systemd; without a unit all of it. */
  | { readonly kind: 'journal'; readonly unit?: string }
  /** The output of a command line. */
  | { readonly kind: 'command'; readonly command: string };

/** An entry of the section `logs` of an inventory, or one made up for the moment. */
export interface LogSource {
  readonly name: string;
  /** Placeholders not yet resolved: they differ from host to host. */
  readonly origin: LogOrigin;
  readonly format: LogFormat;
  /** Regular expression (RE2) of lines that go on with the record before. Default: those that begin with white space. */
  readonly multiline?: string;
  /** The field that holds the time, level or message where it has a name of its own. */
  readonly fields?: { readonly time?: string; readonly level?: string; readonly message?: string };
  /** It is read as another user; what is left out is as the inventory says. */
  readonly become?: BecomeSettings;
  /** Names of the hosts that have it, in the inventory's order; none for one made up for the moment. */
  readonly hosts: readonly string[];
}
