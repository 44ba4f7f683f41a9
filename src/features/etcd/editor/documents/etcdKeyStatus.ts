import { type Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import { keyText } from '../../core/keys/keyText';
import { printable } from '../../../../platform/text/printable';
import { Disposables } from '../../../../shell/editor/disposables';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { etcdScheme, etcdValueScheme, readEtcdUri } from './etcdUri';

/** Says in the status bar of which cluster the key in front is: the tabs of one key in many clusters look alike. */
export class EtcdKeyStatus implements Disposable {
  private readonly owned = new Disposables();
  private readonly item = this.owned.add(
    window.createStatusBarItem('muster.etcdKey', StatusBarAlignment.Left, 1),
  );

  constructor(private readonly clusters: EtcdClusters) {
    this.item.name = l10n.t('Muster: cluster of the etcd key');
    this.owned.add(window.onDidChangeActiveTextEditor(() => this.show()));
    this.owned.add(clusters.onDidChange(() => this.show()));
    this.show();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private show(): void {
    const uri = window.activeTextEditor?.document.uri;
    const isKey = uri && [etcdScheme, etcdValueScheme].includes(uri.scheme);
    const name = isKey ? readEtcdUri(uri) : undefined;
    if (!name) return this.item.hide();
    const cluster = this.clusters.find(name.cluster, name.inventory);
    const { icon, access } = accessOf(cluster?.settings);
    const shown = printable(name.cluster, 40);
    this.item.text = [`$(${icon}) ${shown}`, ...access].join(' · ');
    const text = [l10n.t('{0} in the etcd cluster {1}', keyText(name.key), shown), ...access].join(' · ');
    this.item.tooltip = text;
    this.item.accessibilityInformation = { label: text };
    this.item.show();
  }
}

function accessOf(settings: { readOnly: boolean; protected: boolean } | undefined) {
  if (!settings) return { icon: 'warning', access: [l10n.t('not in muster.yaml')] };
  if (settings.readOnly) return { icon: 'lock', access: [l10n.t('read-only')] };
  return { icon: 'database', access: settings.protected ? [l10n.t('protected')] : [] };
}
