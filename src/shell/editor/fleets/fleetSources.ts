import { type Disposable, workspace } from 'vscode';
import { discoveries } from '../../../features/discovery/core/discovery';
import type { FollowedSources, FollowPorts } from '../../../features/discovery/core/followedSources';
import type { Fragment } from '../../../platform/inventory/fragment';
import type { LoadedFiles } from '../../../platform/inventory/loadInventory';
import type { Inventory } from '../../../platform/inventory/model';
import { Throttle } from '../../../platform/batch/throttle';
import { unattended } from '../prompts/unattended';

/** The files of a fleet as they were read, and how they become an inventory together with what sources find. */
export interface FleetFiles extends LoadedFiles {
  join(found: readonly Fragment[]): Inventory;
}

/** Milliseconds between two changes on screen, however fast hosts come and go. */
const pauseMs = 200;

const loadParts = async () => ({
  ...(await import('../../../features/discovery/core/answeredFragment')),
  ...(await import('../../../features/discovery/core/followedSources')),
});

/** The hosts of a fleet that live sources find: followed in a trusted workspace, not asked for in Restricted Mode. */
export class FleetSources implements Disposable {
  private files: FleetFiles | undefined;
  private parts: Awaited<ReturnType<typeof loadParts>> | undefined;
  private followed: FollowedSources | undefined;
  private readonly redraw: Throttle;
  private disposed = false;

  constructor(private readonly ports: FollowPorts) {
    this.redraw = new Throttle(() => {
      if (!this.disposed) ports.changed();
    }, pauseMs);
  }

  /** Loads what following the sources of these files needs; nothing where they have none. */
  async prepare({ inventory }: FleetFiles): Promise<void> {
    if (inventory.section(discoveries).size > 0) this.parts ??= await loadParts();
  }

  /** Follows the sources of these files from now on, and asks those again that did not answer. */
  follow(files: FleetFiles | undefined): void {
    this.files = files;
    const isAsked = workspace.isTrusted && files && files.inventory.section(discoveries).size > 0;
    if (!isAsked || !this.parts) {
      this.followed?.stop();
      this.followed = undefined;
      return;
    }
    const { FollowedSources } = this.parts;
    this.followed ??= new FollowedSources({ ...this.ports, changed: () => this.redraw.request() });
    const { followed } = this;
    // Nobody waits for it: what it would ask a person is declined.
    void unattended(() => Promise.resolve(followed.follow(files.inventory)));
    followed.retry();
  }

  /** What files and sources come to together. */
  get inventory(): Inventory | undefined {
    const { files, parts, followed } = this;
    if (!files || !parts) return files?.inventory;
    const restricted = () => [...files.inventory.section(discoveries).values()].map(parts.restrictedFragment);
    return files.join(followed?.fragments ?? restricted());
  }

  dispose(): void {
    this.disposed = true;
    this.followed?.stop();
    // What is pending is not drawn any more, and leaves no timer.
    this.redraw.flush();
  }
}
