import { l10n, type TextDocumentContentProvider, type Uri } from 'vscode';
import { hexDump } from '../../core/keys/hexDump';
import { keyText } from '../../core/keys/keyText';
import { protobufSummary } from '../../core/keys/protobufSummary';
import { valueText } from '../../core/keys/valueText';
import { errorChain, errorReport } from '../../../../platform/errors/errors';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { etcdValueScheme, readEtcdUri } from './etcdUri';
import { uriOfKey } from './uriOfKey';

const hexLimit = 256 * 1024;

/** A value to be read only: as it was at `revision`, or now as hexadecimal digits when it is no text. */
export function valueUri(clusters: EtcdClusters, cluster: Cluster, key: Buffer, revision?: number): Uri {
  const uri = uriOfKey(clusters, cluster, key, etcdValueScheme);
  return revision === undefined ? uri : uri.with({ fragment: `r${revision}` });
}

/** Values as they were, and those that are no text. */
export class EtcdValueDocuments implements TextDocumentContentProvider {
  constructor(private readonly clusters: EtcdClusters) {}

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    try {
      return await this.textOf(uri);
    } catch (error) {
      return `${errorChain(errorReport(error)).join('\n')}\n`;
    }
  }

  private async textOf(uri: Uri): Promise<string> {
    const name = readEtcdUri(uri);
    const cluster = name && this.clusters.find(name.cluster, name.inventory);
    if (!cluster) return l10n.t('The cluster is not in an open inventory.');
    const revision = /^r(\d+)$/.exec(uri.fragment)?.[1];
    const connection = await cluster.open();
    const kv = await connection.get(name.key, {
      ...{ signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs },
      ...(revision !== undefined && { revision: Number(revision) }),
    });
    return kv ? valueDocument(name.key, kv.value) : '';
  }
}

/** A value as text to be read: as it is, or when it is none as the message that it may be and as hexadecimal digits. */
export function valueDocument(key: Buffer, value: Buffer): string {
  const text = valueText(value);
  if (text !== undefined) return text;
  const cut = value.length > hexLimit ? l10n.t('The first {0} are shown.', sizeText(hexLimit)) : '';
  const head = [l10n.t('{0} is not text: {1}, read-only.', keyText(key), sizeText(value.length)), cut];
  const message = protobufSummary(value);
  return [
    head.filter(Boolean).join(' '),
    ...(message === undefined ? [] : [l10n.t('As a message of protobuf without its schema:'), message]),
    `${hexDump(value, hexLimit)}\n`,
  ].join('\n\n');
}
