import type { ExtensionContext } from 'vscode';
import type { Logger } from '../../platform/host/host';
import type { Batches } from './batches';
import type { CommandRegistry } from './commands/commandRegistry';
import type { Fleets } from './fleets/fleets';
import type { Redactor } from '../../platform/redaction/redactor';
import type { StatusBar } from './statusBar';
import type { HostsView } from './hosts/hostsView';
import type { CredentialPrompts } from './prompts/credentialPrompts';

/**
 * What features are built from, made once for the window; a feature that serves others adds its part by declaration
 * merging, beside what it offers. A feature asks for the ports that it uses.
 */
export interface Services {
  readonly context: ExtensionContext;
  readonly logger: Logger;
  readonly redactor: Redactor;
  readonly registry: CommandRegistry;
  readonly fleets: Fleets;
  readonly batches: Batches;
  readonly hosts: HostsView;
  readonly statusBar: StatusBar;
  /** What people typed for servers, and what is kept of it. */
  readonly credentials: CredentialPrompts;
  /** Registers work that the end of the window waits for, such as writing what is not yet stored. */
  readonly beforeClose: (work: () => Promise<void>) => void;
}

/** The ports of these names, which is what a feature's function takes. */
export type Ports<Name extends keyof Services> = Pick<Services, Name>;
