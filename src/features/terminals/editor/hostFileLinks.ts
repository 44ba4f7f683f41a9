import {
  commands,
  l10n,
  Range,
  type Terminal,
  type TerminalLink,
  type TerminalLinkContext,
  type TerminalLinkProvider,
  type Uri,
} from 'vscode';
import { uriOfHostFile } from '../../files/editor/uriOfHostFile';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import type { HostTerminal } from './hostTerminal';
import { findHostPaths, type HostPath } from './hostPaths';

interface HostFileLink extends TerminalLink {
  uri: Uri;
  place: HostPath;
}

/** Makes paths in the terminals of hosts lead to the files of these hosts. */
export class HostFileLinks implements TerminalLinkProvider<HostFileLink> {
  constructor(
    private readonly fleets: Pick<Fleets, 'shown'>,
    private readonly hostOf: (terminal: Terminal) => Pick<HostTerminal, 'fleet' | 'host'> | undefined,
  ) {}

  provideTerminalLinks({ line, terminal }: TerminalLinkContext): HostFileLink[] {
    const place = this.hostOf(terminal);
    if (!place) return [];
    const { fleet, host } = place;
    return findHostPaths(line).map((found) => ({
      startIndex: found.start,
      length: found.length,
      tooltip: l10n.t('Open file on {0}', host),
      uri: uriOfHostFile(this.fleets, { fleet, host, path: found.path }),
      place: found,
    }));
  }

  async handleTerminalLink({ uri, place }: HostFileLink): Promise<void> {
    const line = Math.max(0, (place.line ?? 1) - 1);
    const column = Math.max(0, (place.column ?? 1) - 1);
    const selection = new Range(line, column, line, column);
    await commands.executeCommand('vscode.open', uri, place.line === undefined ? {} : { selection });
  }
}
