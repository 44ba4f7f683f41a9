import path from 'node:path';
import type { Host, Inventory } from '../../../platform/inventory/model';

/** An inventory of this machine alone, for requests that need no other. */
export function thisMachine(cwd: string): { inventory: Inventory; host: Host } {
  const file = path.join(cwd, 'muster.yaml');
  const source = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const name = 'localhost';
  const host: Host = {
    ...{ name, address: name, transport: 'local', source },
    ...{ labels: {}, groups: [], ssh: {}, variables: {} },
  };
  return {
    host,
    inventory: {
      ...{ file, hosts: new Map([[name, host]]), groups: new Map(), topKeys: [], concurrency: 1 },
      ...{ defaultSsh: {}, problems: [], files: [], section: () => new Map() },
    },
  };
}
