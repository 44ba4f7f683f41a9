import { commands, l10n, window } from 'vscode';
import type { CheckResult } from '../../../checks/core/checkBatch';
import type { ChangeSet } from '../../core/rules/changeRules';
import type { ChangeRule } from '../../core/rules/changeRule';
import { printable } from '../../../../platform/text/printable';
import type { RunReport } from '../../../runs/core/runBatch';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { attended } from '../../../../shell/editor/prompts/unattended';
import { changesText, checksText, runText } from './ruleText';
import { showChanges } from './showChanges';

/** What a rule did. */
export interface RuleOutcome {
  report?: RunReport;
  results: readonly CheckResult[];
  /** What it was done for, where nobody was told before. */
  changes?: ChangeSet;
}

/** Tells it once for all hosts, with what failed where, and gives the line for the log, empty if nothing was done. */
export function tellOutcome(
  clusters: EtcdClusters,
  { cluster, rule }: { cluster: Cluster; rule: ChangeRule },
  { report, results, changes }: RuleOutcome,
): string {
  const ran = report && l10n.t('“{0}”: {1}.', printable(rule.run!, 100), runText(report));
  const checked = results.length > 0 ? l10n.t('Checks: {0}.', checksText(results)) : '';
  const changed = changes && changesText(cluster, rule, changes);
  const sentences = [changed, ran, checked].filter((text) => text);
  if (sentences.length === 0) return '';
  const buttons = new Map<string, () => unknown>([
    ...(report ? [button(l10n.t('Show Output'), () => commands.executeCommand('muster.runs.focus'))] : []),
    ...(results.length > 0
      ? [button(l10n.t('Show Hosts'), () => commands.executeCommand('muster.hosts.focus'))]
      : []),
    ...(changes && !changes.isEmpty
      ? [
          button(l10n.t('Show Changes'), () =>
            attended(() => showChanges(clusters, cluster, rule.name, changes)),
          ),
        ]
      : []),
  ]);
  const isWell =
    (report?.results ?? []).every(({ status }) => status === 'ok') &&
    results.every(({ status }) => status === 'healthy');
  const show = isWell ? window.showInformationMessage : window.showWarningMessage;
  void show(`${rule.name}: ${sentences.join(' ')}`, ...buttons.keys()).then(
    (answer) => answer !== undefined && buttons.get(answer)!(),
  );
  return [ran, checked].filter((text) => text).join(' ');
}

const button = (title: string, act: () => unknown) => [title, act] as const;
