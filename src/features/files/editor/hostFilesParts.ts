import type { Disposable } from 'vscode';
import type { ExplicitSaves } from '../../../shell/editor/documents/explicitSaves';
import type { Ports } from '../../../shell/editor/services';
import { CompareOnHosts } from './compareOnHosts';
import { HostFiles } from './hostFiles';
import { HostFileSystem } from './hostFileSystem';
import { OpenHostFile } from './openHostFile';
import { RecentPaths } from './recentPaths';
import { WritePolicy } from './writePolicy';

/** What is loaded when a file on a host is first used. */
export interface HostFilesParts extends Disposable {
  readonly system: HostFileSystem;
  openHostFile(what: unknown, selected: unknown): Promise<void>;
  compareOnHosts(what: unknown, selected: unknown): Promise<void>;
}

export function hostFilesParts(
  services: Ports<'context' | 'fleets' | 'batches' | 'logger'>,
  saves: ExplicitSaves,
): HostFilesParts {
  const files = new HostFiles(services.fleets, services.batches);
  const system = new HostFileSystem(files, saves, new WritePolicy(), services.logger);
  const recent = new RecentPaths(services.context.workspaceState);
  const opener = new OpenHostFile(services.fleets, files, recent);
  const comparer = new CompareOnHosts(services, files, recent);
  return {
    system,
    openHostFile: (what, selected) => opener.open(what, selected),
    compareOnHosts: (what, selected) => comparer.compare(what, selected),
    dispose: () => {
      system.dispose();
      files.dispose();
    },
  };
}
