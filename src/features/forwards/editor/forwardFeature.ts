import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import { ForwardCommands } from './forwardCommands';
import { ForwardRow } from './forwardRow';

/** Ports of hosts on this machine, listed below their hosts. */
export function forwardFeature({
  fleets,
  forwards,
  registry,
  hosts,
  beforeClose,
}: Ports<'fleets' | 'forwards' | 'registry' | 'hosts' | 'beforeClose'>): Disposables {
  const commands = new ForwardCommands(fleets, forwards);
  beforeClose(() => forwards.closeAll());
  hosts.tree.addBranch({
    rowsOf: (fleet, host) => forwards.of(fleet, host).map((forward) => new ForwardRow(forward)),
    onDidChange: forwards.onDidChange,
  });
  registry.register({
    'muster.forwardPort': commands.start,
    'muster.openForward': commands.openInBrowser,
    'muster.copyForwardUrl': commands.copyUrl,
    'muster.stopForward': commands.stop,
    'muster.stopAllForwards': commands.stopAll,
  });
  return new Disposables();
}
