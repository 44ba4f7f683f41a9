import {
  l10n,
  ProgressLocation,
  type QuickPickItem,
  QuickPickItemKind,
  Range,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { keyText } from '../../core/keys/keyText';
import { maxFileBytes, type PrefixFile } from '../../core/compare/prefixFile';
import { readPrefixFile } from '../../core/compare/readPrefixFile';
import { MusterError } from '../../../../platform/errors/errors';
import type { ConfigNode } from '../config/configNodes';
import { prefixOf } from '../config/configNodes';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import type { ClusterPlace, FilePlace, Side } from './comparisonSide';

/** Bytes from which reading is worth a notification. */
const largeFile = 1024 * 1024;

/** A place as key bindings and other extensions name it. */
interface NamedPlace {
  cluster: string;
  /** The cluster's own by default. */
  prefix?: string;
  revision?: number;
  /** Id of its inventory, needed where several have a cluster of that name. */
  inventory?: string;
}

/** The place of a row of the Config view, or one that is named; undefined for anything else. */
export function readPlace(argument: unknown, clusters: EtcdClusters): ClusterPlace | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  if ('kind' in argument) {
    const node = argument as ConfigNode;
    if (node.kind !== 'cluster' && node.kind !== 'folder') return undefined;
    return { kind: 'cluster', cluster: node.cluster, prefix: prefixOf(node) };
  }
  const { cluster: name, prefix, revision, inventory } = argument as Partial<NamedPlace>;
  if (typeof name !== 'string') return undefined;
  const cluster = clusters.find(name, typeof inventory === 'string' ? inventory : undefined);
  if (!cluster) throw new MusterError('USAGE', l10n.t('The cluster {0} is not in an open inventory.', name));
  return {
    ...{
      kind: 'cluster',
      cluster,
      prefix: typeof prefix === 'string' ? Buffer.from(prefix) : cluster.prefix,
    },
    ...(typeof revision === 'number' && { revision }),
  };
}

/** Asks for a cluster and a prefix of it. */
export async function pickPlace(
  clusters: EtcdClusters,
  title: string,
  proposed?: (cluster: Cluster) => Buffer,
): Promise<ClusterPlace | undefined> {
  const { all } = clusters;
  const items = all.map((cluster) => ({ ...itemOf(cluster), cluster }));
  const cluster = all.length < 2 ? all[0] : (await window.showQuickPick(items, { title }))?.cluster;
  return cluster && placeIn(cluster, title, proposed?.(cluster) ?? cluster.prefix);
}

type Choice = QuickPickItem & { choose?: () => Promise<Side | undefined> };

/** Asks what a place is compared with: another one, the place in the past, or a file. */
export async function pickOtherSide(clusters: EtcdClusters, place: ClusterPlace): Promise<Side | undefined> {
  const title = l10n.t('Compare {0} with', `${place.cluster.name}:${keyText(place.prefix, 100)}`);
  const choices: Choice[] = [
    { label: `$(history) ${l10n.t('Itself at a Revision…')}`, choose: () => askForRevision(place, title) },
    { label: `$(file) ${l10n.t('A File…')}`, choose: () => pickFile(place.cluster, l10n.t('Compare')) },
    { label: l10n.t('etcd clusters'), kind: QuickPickItemKind.Separator },
    ...clusters.all.map((cluster) => ({
      ...itemOf(cluster),
      choose: () => placeIn(cluster, title, prefixElsewhere(place, cluster)),
    })),
  ];
  return (await window.showQuickPick(choices, { title, matchOnDescription: true }))?.choose?.();
}

/** Asks for a file and reads it. */
export async function pickFile(cluster: Cluster, openLabel: string): Promise<FilePlace | undefined> {
  const [uri] =
    (await window.showOpenDialog({
      openLabel,
      filters: { [l10n.t('YAML or JSON')]: ['yaml', 'yml', 'json'], [l10n.t('All files')]: ['*'] },
    })) ?? [];
  return uri && (await openFile(uri, cluster)).place;
}

/** Reads a file of keys. @throws MusterError FORMAT for one that is not understood, which is shown where it is wrong */
export async function openFile(
  uri: Uri,
  cluster: Pick<Cluster, 'settings'>,
): Promise<{ place: FilePlace; header: PrefixFile['header'] }> {
  const { size } = await workspace.fs.stat(uri);
  if (size > maxFileBytes)
    throw new MusterError('TOO_LARGE', l10n.t('The file is larger than {0} MiB.', maxFileBytes / 1024 ** 2));
  const content = Buffer.from(await workspace.fs.readFile(uri));
  const { separator } = cluster.settings;
  const read = (signal?: AbortSignal) => readPrefixFile(content, { file: uri.fsPath, separator, signal });
  const { entries, header, problems } = await (size < largeFile ? read() : readWithProgress(uri, read));
  const [first] = problems;
  if (!first) return { place: { kind: 'file', uri, entries }, header };
  const { line, column } = first.range;
  const selection = new Range(line - 1, column - 1, line - 1, column - 1);
  await window.showTextDocument(uri, { selection });
  throw new MusterError('FORMAT', l10n.t('Line {0}: {1}', line, first.message), {
    ...(problems.length > 1 && { hint: l10n.t('{0} more problems.', problems.length - 1) }),
  });
}

/** @throws MusterError CANCELLED */
function readWithProgress(
  uri: Uri,
  read: (signal: AbortSignal) => Promise<PrefixFile>,
): Thenable<PrefixFile> {
  const title = l10n.t('Reading {0}', uri.path.split('/').at(-1)!);
  return window.withProgress(
    { location: ProgressLocation.Notification, cancellable: true, title },
    (_, token) => {
      const controller = new AbortController();
      const reason = new MusterError('CANCELLED', l10n.t('The file was not read.'));
      token.onCancellationRequested(() => controller.abort(reason));
      return read(controller.signal);
    },
  );
}

async function placeIn(cluster: Cluster, title: string, proposed: Buffer): Promise<ClusterPlace | undefined> {
  const value = proposed.toString();
  const text = await window.showInputBox({
    ...{ title, value, valueSelection: [value.length, value.length] },
    prompt: l10n.t('What the keys in {0} begin with; empty for all of them', cluster.name),
  });
  if (text === undefined) return undefined;
  // One that is no text cannot be typed, but taken.
  return { kind: 'cluster', cluster, prefix: text === value ? proposed : Buffer.from(text) };
}

async function askForRevision(place: ClusterPlace, title: string): Promise<ClusterPlace | undefined> {
  const { cluster } = place;
  const connection = await cluster.open();
  const { prefixRange } = await import('../../core/client/etcdModel');
  const { revision: now } = await connection.range(prefixRange(place.prefix), {
    ...{ limit: 1, keysOnly: true, signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs },
  });
  const text = await window.showInputBox({
    ...{ title, prompt: l10n.t('A revision that etcd still has; now it is {0}', now) },
    validateInput: (typed) => {
      const isRevision = /^[1-9]\d{0,15}$/.test(typed.trim()) && Number(typed) <= now;
      return typed.trim() === '' || isRevision ? undefined : l10n.t('Write a number from 1 to {0}.', now);
    },
  });
  return text === undefined || text.trim() === '' ? undefined : { ...place, revision: Number(text) };
}

/** The same place in another cluster, whose prefix may be another one. */
export function prefixElsewhere({ cluster, prefix }: ClusterPlace, other: Cluster): Buffer {
  const own = cluster.prefix;
  const isBelow = prefix.subarray(0, own.length).equals(own);
  return isBelow ? Buffer.concat([other.prefix, prefix.subarray(own.length)]) : prefix;
}

function itemOf(cluster: Cluster): QuickPickItem {
  const { readOnly } = cluster.settings;
  const words = [
    cluster.fleet.label,
    ...(readOnly ? [l10n.t('read-only')] : cluster.settings.protected ? [l10n.t('protected')] : []),
  ];
  return { label: `$(database) ${cluster.name}`, description: words.join(' · ') };
}
