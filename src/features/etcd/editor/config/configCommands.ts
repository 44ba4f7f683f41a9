import { env, l10n, window, workspace } from 'vscode';
import { copiedKey, keyText } from '../../core/keys/keyText';
import { valueText } from '../../core/keys/valueText';
import { prefixRange } from '../../core/client/etcdModel';
import { MusterError } from '../../../../platform/errors/errors';
import { confirmByTyping } from '../../../../shell/editor/prompts/protection';
import { keyCount } from './configItem';
import {
  type ConfigNode,
  type FolderNode,
  type KeyNode,
  type KeyPlace,
  type ParentNode,
  prefixOf,
} from './configNodes';
import type { ConfigTree } from './configTree';
import type { KeyWritten } from './configWatch';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { etcdValueScheme } from '../documents/etcdUri';
import { pickKey } from './pickKey';
import { uriOfKey } from '../documents/uriOfKey';
import type { WritePermission } from '../clusters/writePermission';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

/** What the rows of the Config view can do. */
export class ConfigCommands {
  constructor(
    private readonly tree: ConfigTree,
    private readonly clusters: EtcdClusters,
    private readonly permission: WritePermission,
    private readonly written: KeyWritten,
  ) {}

  readonly refresh = async (node?: ConfigNode): Promise<void> => {
    const clusters = node ? [node.cluster] : this.clusters.all;
    for (const cluster of clusters) if (cluster.isLocked) await this.logIn(cluster);
    this.tree.refresh(node && isParent(node) ? node : node?.parent);
  };

  /** Asks for the password of a cluster, whether or not it was declined or refused before. */
  readonly enterPassword = async (node?: ConfigNode): Promise<void> => {
    const cluster =
      node?.cluster ?? (await this.pickCluster(({ settings }) => settings.username !== undefined));
    if (!cluster) return;
    await this.logIn(cluster);
    this.tree.refresh(this.tree.rootOf(cluster));
  };

  readonly showMore = async (node?: ParentNode): Promise<void> => {
    if (node) await this.tree.showMore(node);
  };

  readonly filter = async (): Promise<void> => {
    const part = await window.showInputBox({
      title: l10n.t('Filter Keys'),
      prompt: l10n.t('Part of the key, or ^ and its beginning. Values are not searched.'),
      value: this.tree.filter ?? '',
    });
    if (part !== undefined) this.tree.setFilter(part === '' ? undefined : part);
  };

  readonly clearFilter = (): void => this.tree.setFilter(undefined);

  /**
   * Opens the value: text to be edited, anything else as hexadecimal digits. Finds the key first, or creates it, where
   * no row has it.
   */
  readonly open = async (what?: ConfigNode | KeyPlace): Promise<void> => {
    const start = isRow(what) && isParent(what) ? what : undefined;
    const place = keyPlaceOf(what);
    const cluster = start?.cluster ?? place?.cluster ?? (await this.pickCluster());
    if (!cluster) return;
    await cluster.logIn({ again: true });
    const picked = place
      ? { key: place.key, exists: true }
      : await pickKey(cluster, {
          ...(start && { start: prefixOf(start) }),
          ...(!cluster.settings.readOnly && { absent: (key) => l10n.t('Create key {0}', key) }),
        });
    if (!picked) return;
    if (picked.exists) await this.show(cluster, picked.key);
    else await this.createEmpty(cluster, picked.key);
  };

  readonly create = async (node?: ConfigNode): Promise<void> => {
    const cluster = node?.cluster ?? (await this.pickCluster());
    if (!cluster) return;
    await cluster.logIn({ again: true });
    const parent = node && (isParent(node) ? node : node.parent);
    const key = await this.askForKey(l10n.t('New Key'), parent ? prefixOf(parent) : cluster.prefix);
    if (key) await this.createEmpty(cluster, key);
  };

  readonly duplicate = async (node?: KeyNode): Promise<void> => {
    const place = await this.keyOf(node);
    if (!place) return;
    const { cluster, key } = place;
    const copy = await this.askForKey(l10n.t('Duplicate Key'), key);
    if (!copy) return;
    await this.permission.ask(cluster, l10n.t('Create {0}?', keyText(copy)));
    await this.put(cluster, copy, (await this.valueOf(cluster, key)).value);
    await this.show(cluster, copy);
  };

  readonly rename = async (node?: KeyNode): Promise<void> => {
    const place = await this.keyOf(node);
    if (!place) return;
    const { cluster, key } = place;
    const to = await this.askForKey(l10n.t('Rename Key'), key);
    if (!to || to.equals(key)) return;
    await this.permission.ask(cluster, l10n.t('Rename {0} to {1}?', keyText(key), keyText(to)));
    const connection = await cluster.open();
    const result = await connection.rename(key, to, optionsOf(cluster));
    if (!result.ok) throw conflict(result.conflicts[0]?.key ?? to);
    this.written(cluster, key, result.revision);
    this.written(cluster, to, result.revision);
  };

  /** Deletes a key, or all keys of a folder; says how many first. */
  readonly remove = async (node?: KeyNode | FolderNode): Promise<void> => {
    if (!node) return;
    const { cluster } = node;
    const connection = await cluster.open();
    const options = optionsOf(cluster);
    const isKey = node.kind === 'key';
    const range = isKey ? undefined : prefixRange(node.prefix);
    const text = keyText(isKey ? node.kv.key : node.prefix);
    const seen = range && (await connection.range(range, { ...options, limit: 1, keysOnly: true }));
    const count = seen?.count ?? 1;
    const question = isKey
      ? l10n.t('Delete {0}?', text)
      : l10n.t('Delete {0} below {1}?', keyCount(count), text);
    const detail = l10n.t('In the etcd cluster {0}.', cluster.name);
    const typing = { title: question, prompt: l10n.t('Type “{0}” to delete it.', text) };
    if (cluster.settings.readOnly) await this.permission.ask(cluster, question);
    const answer = l10n.t('Delete');
    if (!(await askBefore(question, { refusal: l10n.t("Don't Delete"), detail }, answer))) return;
    if (cluster.settings.protected && !(await confirmByTyping(text, typing))) return;
    const result =
      range && seen
        ? await connection.deleteRange(range, { ...options, unchangedSince: seen.revision })
        : await connection.delete((node as KeyNode).kv.key, {
            ...options,
            ifRevision: (node as KeyNode).kv.modRevision,
          });
    if (!result.ok) throw conflict(result.conflicts[0]?.key ?? Buffer.from(text));
    if (node.parent) this.tree.refresh(node.parent);
    void window.showInformationMessage(
      l10n.t('Deleted: {0} at revision {1}.', keyCount(result.deleted), result.revision),
    );
  };

  readonly copyKey = async (node?: KeyNode | FolderNode): Promise<void> => {
    if (node) await env.clipboard.writeText(copiedKey(node.kind === 'key' ? node.kv.key : node.prefix));
  };

  readonly copyValue = async (node?: KeyNode): Promise<void> => {
    const place = await this.keyOf(node);
    if (!place) return;
    const { value } = await this.valueOf(place.cluster, place.key);
    const text = valueText(value);
    await env.clipboard.writeText(text ?? value.toString('base64'));
    if (text === undefined)
      void window.showInformationMessage(l10n.t('The value is not text: it was copied as Base64.'));
  };

  /** Gives a key a new lease, shows the one it has, or takes it away. */
  readonly setTtl = async (node?: KeyNode): Promise<void> => {
    const place = await this.keyOf(node);
    if (!place) return;
    const { cluster, key } = place;
    const connection = await cluster.open();
    const kv = await this.valueOf(cluster, key);
    const lease =
      kv.lease === undefined
        ? undefined
        : await connection.lease(kv.lease, { ...optionsOf(cluster), keys: true });
    const text = await window.showInputBox({
      title: l10n.t('Time to Live of {0}', keyText(key)),
      prompt: lease
        ? l10n.t(
            'Lease {0}: {1} s of {2} s left, {3}. Seconds for a new lease, or empty for none.',
            lease.id,
            lease.ttl ?? 0,
            lease.grantedTtl,
            keyCount(lease.keys.length),
          )
        : l10n.t('The key has no lease. Seconds for a new one, or empty for none.'),
      validateInput: (value) =>
        /^(\d{1,9})?$/.test(value.trim()) && value.trim() !== '0'
          ? undefined
          : l10n.t('Write a number of seconds.'),
    });
    if (text === undefined) return;
    await this.permission.ask(cluster, l10n.t('Write {0}?', keyText(key)));
    const options = { ...optionsOf(cluster), ifRevision: kv.modRevision };
    const result = await connection.put(
      key,
      kv.value,
      text.trim() === '' ? { ...options, lease: 'none' } : { ...options, ttl: Number(text) },
    );
    if (!result.ok) throw conflict(key);
    this.written(cluster, key, result.revision);
  };

  /** What it fails with, the rows say. */
  private async logIn(cluster: Cluster): Promise<void> {
    await cluster.logIn({ again: true }).catch((error: unknown) => {
      if (!cluster.isLocked) throw error;
    });
  }

  private async createEmpty(cluster: Cluster, key: Buffer): Promise<void> {
    await this.permission.ask(cluster, l10n.t('Create {0}?', keyText(key)));
    await this.put(cluster, key, Buffer.alloc(0));
    await this.show(cluster, key);
  }

  private async show(cluster: Cluster, key: Buffer): Promise<void> {
    const { value } = await this.valueOf(cluster, key);
    const isText = valueText(value) !== undefined;
    const uri = uriOfKey(this.clusters, cluster, key, isText ? undefined : etcdValueScheme);
    const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    // Whatever `files.encoding` says: a save must give back the bytes that were read.
    const opening = isText ? { encoding: 'utf8' } : undefined;
    const document = open ?? (await workspace.openTextDocument(uri, opening));
    await window.showTextDocument(document);
  }

  /** @throws MusterError when the key is not there any more */
  private async valueOf(cluster: Cluster, key: Buffer) {
    const kv = await (await cluster.open()).get(key, optionsOf(cluster));
    if (kv) return kv;
    this.written(cluster, key);
    throw new MusterError('CONFLICT', l10n.t('{0} no longer exists.', keyText(key)));
  }

  private async put(cluster: Cluster, key: Buffer, value: Buffer): Promise<void> {
    const connection = await cluster.open();
    const result = await connection.put(key, value, { ...optionsOf(cluster), ifRevision: 0 });
    if (!result.ok) throw new MusterError('CONFLICT', l10n.t('{0} exists already.', keyText(key)));
    this.written(cluster, key, result.revision);
  }

  private async askForKey(title: string, start: Buffer): Promise<Buffer | undefined> {
    const value = start.toString();
    const key = await window.showInputBox({
      // A document that opens meanwhile takes the focus, not what was typed.
      ...{ title, value, prompt: l10n.t('The whole key'), ignoreFocusOut: true },
      valueSelection: [value.lastIndexOf('/') + 1, value.length],
      validateInput: (text) => (text === '' ? l10n.t('A key is not empty.') : undefined),
    });
    return key === undefined ? undefined : Buffer.from(key);
  }

  /** The row's key, or one that is picked; it exists, unless `absent` says what to do with one that does not. */
  async keyOf(
    node: KeyNode | undefined,
    absent?: (key: string) => string,
  ): Promise<{ cluster: Cluster; key: Buffer } | undefined> {
    if (node) return { cluster: node.cluster, key: node.kv.key };
    const cluster = await this.pickCluster();
    await cluster?.logIn({ again: true });
    const picked = cluster && (await pickKey(cluster, { absent }));
    return cluster && picked && { cluster, key: picked.key };
  }

  private async pickCluster(suits: (cluster: Cluster) => boolean = () => true): Promise<Cluster | undefined> {
    const all = this.clusters.all.filter(suits);
    if (all.length < 2) return all[0];
    const items = all.map((cluster) => ({ label: cluster.name, description: cluster.fleet.label, cluster }));
    return (await window.showQuickPick(items, { title: l10n.t('Which etcd cluster?') }))?.cluster;
  }
}

/** The key that is meant, if it is one. */
function keyPlaceOf(what: ConfigNode | KeyPlace | undefined): KeyPlace | undefined {
  if (isRow(what)) return what.kind === 'key' ? { cluster: what.cluster, key: what.kv.key } : undefined;
  return Buffer.isBuffer(what?.key) ? what : undefined;
}

/** What comes from other extensions may be anything. */
function isRow(what: unknown): what is ConfigNode {
  return (what as Partial<ConfigNode> | null | undefined)?.kind !== undefined;
}

function isParent(node: ConfigNode): node is ParentNode {
  return node.kind === 'cluster' || node.kind === 'folder';
}

function optionsOf({ gone, settings }: Cluster) {
  return { signal: gone, timeoutMs: settings.timeoutMs };
}

function conflict(key: Buffer): MusterError {
  return new MusterError(
    'CONFLICT',
    l10n.t('{0} was changed meanwhile. Nothing was written.', keyText(key)),
    {
      hint: l10n.t('Look at it, and try again.'),
    },
  );
}
