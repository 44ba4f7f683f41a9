import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { revisionsJson, valueJson } from '../../core/client/etcdJson';
import { compareKeys, type KeyDeviation } from '../../core/compare/compareKeys';
import { prefixRange } from '../../core/client/etcdModel';
import { valueText } from '../../core/keys/valueText';
import { clusterEntries, type ClusterEntry } from '../../core/section/clusterEntry';
import type { EtcdWork } from '../etcdWork';
import { type EtcdOptions, readKey } from '../etcdOptions';
import type { EtcdSession } from '../etcdSession';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { paintOf } from '../../../../shell/cli/output/paintOf';
import { JsonRecords, keyCount, shownKey } from '../etcdOutput';
import type { Colors } from '../../../../shell/cli/output/outputStream';
import { harmless } from '../../../../shell/cli/output/terminalText';

/** Milliseconds for one comparison; the worst case is quadratic. */
const patience = 1_000;

/** `muster etcd diff`: two sorted lists side by side, so that only a page of each is held. */
export const comparePrefixes: EtcdWork<EtcdOptions> = async ([a, b], options, session, { terminal }) => {
  const { stdout } = terminal;
  const [left, right] = [readOperand(a!, options, session), readOperand(b!, options, session)];
  const pages = await pagesOf([left, right], session);
  const records =
    options.json || options.ndjson ? new JsonRecords(stdout, options.ndjson ?? false) : undefined;
  let count = 0;
  for await (const deviation of compareKeys(
    { prefix: left.prefix, pages: pages[0]! },
    { prefix: right.prefix, pages: pages[1]! },
  )) {
    count++;
    if (records) await records.write([deviationJson(deviation)]);
    else await stdout.write(deviationText(deviation, left, right, stdout.isTTY, stdout.colors));
  }
  await records?.end();
  if (!records && count > 0)
    terminal.note(count === 1 ? t('1 key differs') : t('{0} differ', keyCount(count)));
  return count > 0 ? exitStatus.failed : exitStatus.ok;
};

interface Operand {
  entry: ClusterEntry;
  prefix: Buffer;
}

/** `PREFIX`, or `CLUSTER:PREFIX` where there is a cluster of that name. */
function readOperand(text: string, options: EtcdOptions, session: EtcdSession): Operand {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(0, colon));
  if (!session.inventory.section(clusterEntries).has(name))
    return { entry: session.entry(options.cluster), prefix: readKey(text, options) };
  return { entry: session.entry(name), prefix: readKey(text.slice(colon + 1), options) };
}

/** Of one cluster both are read at the same revision. */
async function pagesOf(operands: readonly [Operand, Operand], session: EtcdSession) {
  const [left, right] = operands;
  let revision: number | undefined;
  if (left.entry.name === right.entry.name) {
    const { etcd, call } = await session.open(left.entry);
    ({ revision } = await etcd.range(prefixRange(left.prefix), { ...call, limit: 1, keysOnly: true }));
  }
  // One after the other: each may ask for a password.
  const pages = [];
  for (const { entry, prefix } of operands) {
    const { etcd, call } = await session.open(entry);
    pages.push(etcd.list(prefixRange(prefix), { ...call, revision }));
  }
  return pages;
}

function deviationJson({ name, left, right }: KeyDeviation): object {
  const side = (kv: typeof left) => kv && { ...valueJson(kv.value), ...revisionsJson(kv) };
  const change = !left ? 'added' : !right ? 'removed' : 'changed';
  const text = name.toString();
  const named = Buffer.from(text).equals(name) ? { name: text } : { nameBase64: name.toString('base64') };
  return { ...named, change, ...(left && { a: side(left) }), ...(right && { b: side(right) }) };
}

/** A unified diff, as between two trees of files. */
function deviationText(
  { name, left, right }: KeyDeviation,
  before: Operand,
  after: Operand,
  isTTY: boolean,
  colors: Colors,
): string {
  const label = ({ entry, prefix }: Operand) => `${entry.name}:${shownKey(Buffer.concat([prefix, name]))}`;
  const [from, to] = [left ? label(before) : '/dev/null', right ? label(after) : '/dev/null'];
  const [old, fresh] = [left ? valueText(left.value) : '', right ? valueText(right.value) : ''];
  const differ = `${t('The values of {0} and {1} differ', from, to)}\n`;
  if (left && old === undefined && !right)
    return `${t('{0} has no counterpart; its value is not text', from)}\n`;
  if (right && fresh === undefined && !left)
    return `${t('{0} has no counterpart; its value is not text', to)}\n`;
  if (old === undefined || fresh === undefined) return differ;
  const patch = structuredPatch(from, to, old, fresh, undefined, undefined, { timeout: patience });
  if (!patch) return differ;
  // Without a line in it, an empty value is there all the same: the head tells.
  const text = formatPatch(patch, FILE_HEADERS_ONLY);
  const lines = (isTTY ? harmless(text, false) : text).split('\n');
  return lines.map((line) => paintOf(line, colors)(line)).join('\n');
}
