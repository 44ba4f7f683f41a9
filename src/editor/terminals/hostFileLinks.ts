import {
  commands,
  l10n,
  Range,
  type Terminal,
  type TerminalLink,
  type TerminalLinkContext,
  type TerminalLinkProvider,
  Uri,
} from 'vscode';
import { hostFileUri } from '../files/hostFileUri';
import type { HostTerminal } from './hostTerminal';
import { findHostPaths, type HostPath } from './hostPaths';

interface HostFileLink extends TerminalLink {
  uri: Uri;
  place: HostPath;
}

/** Makes paths in the terminals of hosts lead to the files of these hosts. */
export class HostFileLinks implements TerminalLinkProvider<HostFileLink> {
  constructor(private readonly hostOf: (terminal: Terminal) => HostTerminal | undefined) {}

  provideTerminalLinks({ line, terminal }: TerminalLinkContext): HostFileLink[] {
    const host = this.hostOf(terminal)?.host;
    if (host === undefined) return [];
    return findHostPaths(line).map((place) => ({
      startIndex: place.start,
      length: place.length,
      tooltip: l10n.t('Open file on {0}', host),
      uri: Uri.from(hostFileUri({ host, path: place.path })),
      place,
    }));
  }

  async handleTerminalLink({ uri, place }: HostFileLink): Promise<void> {
    const line = Math.max(0, (place.line ?? 1) - 1);
    const column = Math.max(0, (place.column ?? 1) - 1);
    const selection = new Range(line, column, line, column);
    await commands.executeCommand('vscode.open', uri, place.line === undefined ? {} : { selection });
  }
}
