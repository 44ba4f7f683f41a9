import { toMusterError } from '../../../platform/errors/errors';
import { assembling } from '../../../platform/inventory/assembleInventory';
import type { LoadedFiles } from '../../../platform/inventory/loadInventory';
import type { Inventory } from '../../../platform/inventory/model';
import type { Sections } from '../../../platform/inventory/section';
import { finishBreathing } from '../../../platform/inventory/steps';
import { answeredFragment } from './answeredFragment';
import { discoveries } from './discovery';
import { openSource, type SourcePorts } from './openSource';

/** The inventory with the hosts that its sources have now, each asked once. @throws MusterError CANCELLED */
export async function askSources(
  { fragments, inventory }: LoadedFiles,
  sections: Sections,
  ports: SourcePorts,
  signal: AbortSignal,
): Promise<Inventory> {
  const asked = [...inventory.section(discoveries).values()].map(async (discovery) => {
    try {
      const answer = await openSource(discovery, ports).load(signal);
      const [found] = answer.fragments();
      return answeredFragment(discovery, { found, answeredAt: Date.now() });
    } catch (thrown) {
      const error = toMusterError(thrown);
      if (signal.aborted) throw error;
      return answeredFragment(discovery, { error });
    }
  });
  return finishBreathing(assembling([...fragments, ...(await Promise.all(asked))], sections));
}
