import { type Disposable, type Terminal, type TerminalOptions, ThemeIcon, window } from 'vscode';
import type { ExtensionTerminalOptions } from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Ports } from '../../../shell/editor/services';
import { Broadcast } from './broadcast';
import { HostFileLinks } from './hostFileLinks';
import { HostTerminal } from './hostTerminal';
import { setContext } from '../../../shell/editor/setContext';
import { terminalsContext } from './contextKeys';

/** The terminals on hosts that are open. */
export class HostTerminals implements Disposable {
  readonly broadcast = new Broadcast();
  private readonly open = new Map<Terminal, HostTerminal>();
  private readonly owned = new Disposables();

  constructor(private readonly services: Ports<'fleets' | 'batches' | 'logger'>) {
    this.owned.add(this.broadcast);
    this.owned.add(
      window.onDidOpenTerminal((terminal) => {
        const host = hostTerminalOf(terminal);
        if (host) this.add(terminal, host);
      }),
    );
    this.owned.add(
      window.onDidCloseTerminal((terminal) => {
        const host = this.open.get(terminal);
        if (!host) return;
        this.open.delete(terminal);
        this.broadcast.remove(host);
        this.changed();
      }),
    );
    const links = new HostFileLinks(services.fleets, (terminal) => this.open.get(terminal));
    this.owned.add(window.registerTerminalLinkProvider(links));
    this.owned.add(services.fleets.onDidChange(() => this.broadcast.removeReadOnly()));
  }

  get all(): readonly HostTerminal[] {
    return [...this.open.values()];
  }

  /** Of the terminal that has the focus, or had it last. */
  get active(): HostTerminal | undefined {
    return window.activeTerminal && this.open.get(window.activeTerminal);
  }

  /** What makes a terminal, for VS Code or for `show`. It is not restored after a reload: its shell has ended. */
  options(fleet: Fleet, host: string): ExtensionTerminalOptions {
    const { batches, logger } = this.services;
    const pty: HostTerminal = new HostTerminal({
      fleet,
      host,
      batches,
      logger,
      onInput: (data) => this.broadcast.forward(pty, data),
    });
    return { name: host, pty, iconPath: new ThemeIcon('server'), isTransient: true };
  }

  show(fleet: Fleet, host: string, preserveFocus = false): void {
    const options = this.options(fleet, host);
    const terminal = window.createTerminal(options);
    this.add(terminal, options.pty as HostTerminal);
    terminal.show(preserveFocus);
  }

  dispose(): void {
    for (const terminal of [...this.open.keys()]) terminal.dispose();
    this.open.clear();
    this.owned.dispose();
  }

  private add(terminal: Terminal, host: HostTerminal): void {
    if (this.open.has(terminal)) return;
    this.open.set(terminal, host);
    this.changed();
  }

  private changed(): void {
    void setContext(terminalsContext.severalTerminals, this.open.size > 1);
  }
}

function hostTerminalOf({ creationOptions }: Terminal): HostTerminal | undefined {
  const { pty } = creationOptions as TerminalOptions & Partial<ExtensionTerminalOptions>;
  return pty instanceof HostTerminal ? pty : undefined;
}
