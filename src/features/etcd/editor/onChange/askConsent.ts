import { l10n } from 'vscode';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import type { ChangeRule } from '../../core/rules/changeRule';
import type { Host } from '../../../../platform/inventory/model';
import { printable } from '../../../../platform/text/printable';
import type { Cluster } from '../clusters/cluster';
import { fileUri } from '../../../../shell/editor/fleets/fleets';
import { protectedSelectorSetting } from '../../../../shell/editor/settings';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import type { RuleConsents } from './ruleConsents';
import { patternsOf } from './ruleText';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

/** Asks for standing consent, with everything that it is for, and keeps it if it is given. */
export async function askConsent(
  consents: RuleConsents,
  id: string,
  { cluster, rule, hosts }: { cluster: Cluster; rule: ChangeRule; hosts: readonly Host[] },
): Promise<void> {
  const { name, run = '', on } = rule;
  const { fleet, settings } = cluster;
  const selector = on.length > 0 ? on.join(' ') : '{name}';
  const endpoints = settings.endpoints.join(', ');
  const guarded = protectedSelectorSetting.get(fileUri(fleet));
  const detail = [
    l10n.t('The command: {0}', printable(run, 4000)),
    l10n.t(
      'The hosts: those that “{0}” selects when it happens, now {1} ({2}).',
      printable(selector, 300),
      hostCount(hosts.length),
      printable(compactHostSet(hosts.slice(0, 1000).map((host) => host.name)), 300),
    ),
    l10n.t('The rule: {0} of the etcd cluster {1} ({2}), in {3}.', name, cluster.name, endpoints, fleet.file),
    l10n.t(
      'Whoever can write these keys then causes the run, without a question to you, while this workspace is open and trusted.',
    ),
    [
      ...(guarded === '' ? [] : [l10n.t('Protected hosts ({0}) are still asked about.', guarded)]),
      l10n.t('Nothing is ever run on read-only hosts.'),
    ].join(' '),
    l10n.t(
      'Any edit of the rule or its cluster ends the consent, and “Muster Config: Withdraw Consent to Rule…” does.',
    ),
  ];
  const always = l10n.t('Always Run');
  const question = l10n.t('Always run “{0}” when keys of {1} change?', printable(run, 100), patternsOf(rule));
  const refusal = l10n.t("Don't Always Run");
  if (!(await askBefore(question, { refusal, detail: detail.join('\n\n') }, always))) return;
  await consents.give(id, {
    ...{ rule: name, cluster: cluster.name, endpoints: settings.endpoints, inventory: fleet.file },
    ...{ command: run, selector, given: new Date().toISOString() },
  });
}
