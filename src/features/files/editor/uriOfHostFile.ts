import { Uri } from 'vscode';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { hostFileUri } from './hostFileUri';

/** Names the inventory only where another one has a host of that name. */
export function uriOfHostFile(
  { shown }: { readonly shown: readonly Fleet[] },
  { fleet, host, path }: { fleet: Fleet; host: string; path: string },
): Uri {
  const isNamesake = shown.filter(({ inventory }) => inventory?.hosts.has(host)).length > 1;
  return Uri.from(hostFileUri({ host, path, ...(isNamesake && { inventory: fleet.id }) }));
}
