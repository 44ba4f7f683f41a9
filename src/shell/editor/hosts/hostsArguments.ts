import type { HostsNode } from './hostNodes';

/** Rows, or what a lens, a key binding or another extension names. */
export type HostsArguments = [
  what?: HostsNode | { selector?: string; inventory?: string },
  selected?: readonly HostsNode[],
];
