import { checks } from '../../../checks/core/check';
import type { Reference } from '../../../../platform/inventory/fragment';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import type { SourceRange } from '../../../../platform/inventory/model';
import type { InnerSection, Scope } from '../../../../platform/inventory/section';
import { t } from '../../../../platform/l10n/l10n';
import { type ChangeRule, changeRules } from './changeRule';
import { clusterEntries } from '../section/clusterEntry';
import type { ClusterDraft } from '../section/clusterSection';
import type { RuleDraft } from './readChangeRules';

/** The rules of clusters: apart from these, because rules name checks, and checks name clusters. */
export const changeRuleSection: InnerSection<ClusterDraft, readonly ChangeRule[]> = {
  ...changeRules,
  within: clusterEntries.key,
  assemble({ name, rules }, scope) {
    if (!scope.section(clusterEntries).has(name)) return undefined;
    const sound = rules.flatMap((rule) => assembleRule(rule, name, scope) ?? []);
    return sound.length > 0 ? sound : undefined;
  },
};

function assembleRule(
  { on, checks: named, ...rule }: RuleDraft,
  cluster: string,
  scope: Scope,
): ChangeRule | undefined {
  const known = named.filter((one) => scope.find(checks, one, t('no check “{0}”', one.text)));
  const hosts = scope.select(on);
  if (known.length < named.length || !hosts) return undefined;
  const readOnly = hosts.filter((name) => scope.hosts.get(name)!.readOnly);
  if (rule.run !== undefined && readOnly.length > 0) reportReadOnlyRun(scope, on, rule.source, readOnly);
  return { ...rule, cluster, on: on.map(({ text }) => text), hosts };
}

/** Said when it is written, not when the keys change. */
function reportReadOnlyRun(
  scope: Scope,
  on: readonly Reference[],
  source: SourceRange,
  names: readonly string[],
): void {
  const shown = compactHostSet(names.slice(0, 100));
  const hosts = shown.length > 60 ? t('{0} hosts', names.length) : shown;
  const message =
    names.length === 1
      ? t('“run” is refused while {0} is among the hosts: read-only', hosts)
      : t('“run” is refused while {0} are among the hosts: read-only', hosts);
  scope.report('warning', message, on[0]?.range ?? source);
}
