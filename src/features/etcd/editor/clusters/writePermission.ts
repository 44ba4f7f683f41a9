import { l10n } from 'vscode';
import { MusterError } from '../../../../platform/errors/errors';
import type { Cluster } from './cluster';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

/** Asks before a protected cluster is written to, and refuses where a cluster is read-only. */
export class WritePermission {
  /** @throws MusterError READ_ONLY, CANCELLED */
  async ask(cluster: Cluster, question: string, detail = ''): Promise<void> {
    const { settings, name } = cluster;
    if (settings.readOnly) {
      throw new MusterError('READ_ONLY', l10n.t('The etcd cluster {0} is read-only.', name), {
        hint: l10n.t('Remove readOnly of the cluster in muster.yaml to write to it.'),
      });
    }
    if (!settings.protected) return;
    const go = l10n.t('Write to {0}', name);
    const why = l10n.t('The etcd cluster {0} is protected.', name);
    const text = [why, detail].filter(Boolean).join('\n');
    if (!(await askBefore(question, { refusal: l10n.t("Don't Write"), detail: text }, go)))
      throw new MusterError('CANCELLED', l10n.t('Nothing was written.'));
  }
}
