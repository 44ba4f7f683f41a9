import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';

/** Prefixes of etcd compared, applied, exported and imported. All of it is loaded at its first use. */
export function comparisonFeature({ registry, etcd }: Ports<'registry' | 'etcd'>): Disposables {
  const owned = new Disposables();
  let loading: ReturnType<typeof load> | undefined;
  const load = async () => {
    const { comparisonParts } = await import('./comparisonParts');
    const { view, commands } = comparisonParts(etcd);
    owned.add(view);
    return commands;
  };
  const parts = () => (loading ??= load());
  registry.register({
    'muster.compareWith': async (from?: unknown, to?: unknown) => (await parts()).compareWith(from, to),
    'muster.exportPrefix': async (from?: unknown, to?: unknown) => (await parts()).exportFile(from, to),
    'muster.importPrefix': async (to?: unknown, from?: unknown) => (await parts()).importFile(to, from),
    'muster.openDifference': async (node) => (await parts()).open(node),
    'muster.applyComparison': async () => (await parts()).apply(),
    'muster.swapComparison': async () => (await parts()).swap(),
    'muster.refreshComparison': async () => (await parts()).refresh(),
    'muster.selectRemovals': async (node) => (await parts()).selectRemovals(node),
    'muster.showMoreDifferences': async (node) => (await parts()).showMore(node),
    'muster.copyComparison': async () => (await parts()).copy(),
    'muster.closeComparison': async () => (await parts()).close(),
  });
  return owned;
}
