import { checkSection } from '../features/checks/core/checkSection';
import type { Probe } from '../features/checks/core/probe';
import { probes } from '../features/checks/core/probes';
import { changeRuleSection } from '../features/etcd/core/rules/changeRuleSection';
import { clusterSection } from '../features/etcd/core/section/clusterSection';
import { discoverySection } from '../features/discovery/core/discoverySection';
import { metricSection } from '../features/metrics/core/section/metricSection';
import type { Sections } from '../platform/inventory/section';
import { logSection } from '../features/logs/core/logSection';
import { profilerSection } from '../features/profiles/core/capture/profilerSection';

/**
 * What features bring to `muster.yaml`, in the order of the schema: a new section is a line here.
 * @param extraProbes kinds of checks that other extensions bring
 * @param otherTypes whether the schema leaves kinds of checks that it does not know to the editor
 */
export function sectionsWith(
  extraProbes: readonly Probe[],
  { otherTypes = false }: { otherTypes?: boolean } = {},
): Sections {
  return [
    checkSection([...probes, ...extraProbes], { otherTypes }),
    clusterSection,
    changeRuleSection,
    discoverySection,
    profilerSection,
    logSection,
    metricSection,
  ];
}

export const sections = sectionsWith([]);
