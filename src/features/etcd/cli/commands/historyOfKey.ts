import { jsonLine, keyJson, keyValueJson } from '../../core/client/etcdJson';
import type { EtcdCluster, GetOptions } from '../../core/client/etcdCluster';
import type { CallOptions } from '../../core/client/etcdTransport';
import { type HistoryEnd, keyHistory } from '../../core/keys/keyHistory';
import { type KeyState, keyStates } from '../../core/watch/keyStates';
import { valueText } from '../../core/keys/valueText';
import { printable } from '../../../../platform/text/printable';
import type { EtcdWork } from '../etcdWork';
import { type EtcdOptions, readRevision, readWholeKey } from '../etcdOptions';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { byteCount, JsonRecords, shownKey } from '../etcdOutput';
import { jsonText } from '../../../../shell/cli/output/jsonText';

export interface HistoryOptions extends EtcdOptions {
  rev?: string;
  limit?: string;
}

/** `muster etcd history`: newest first, as each is read. */
export const historyOfKey: EtcdWork<HistoryOptions> = async ([name], options, session, { terminal }) => {
  const { stdout } = terminal;
  const key = readWholeKey(name!, options);
  const revision = readRevision(options.rev, '--rev');
  const limit = readRevision(options.limit, '--limit') ?? Infinity;
  const { etcd, call } = await session.open(session.entry(options.cluster));
  let end: HistoryEnd | 'limit' = 'limit';
  const head = `${jsonLine(keyJson(key)).slice(0, -1)},"revisions":`;
  const frame = { head, tail: () => `,"end":${jsonText(end)}}` };
  const records =
    options.json || options.ndjson ? new JsonRecords(stdout, options.ndjson ?? false, frame) : undefined;
  const isGone = revision === undefined && !(await etcd.get(key, call));
  const revisions = isGone ? lives(etcd, key, call) : existing(etcd, key, { ...call, revision });
  let told = 0;
  let next = await revisions.next();
  for (; !next.done && told < limit; next = await revisions.next()) {
    told++;
    if (records) await records.write([stateJson(key, next.value)]);
    else await stdout.write(`${revisionLine(next.value, (text) => stdout.colors.dim(text))}\n`);
  }
  if (next.done) end = next.value;
  if (options.ndjson) await stdout.write(`${jsonLine({ end })}\n`);
  await records?.end();
  if (!records && end !== 'limit') terminal.note(endText(end, shownKey(key), revision));
  return told === 0 ? exitStatus.failed : exitStatus.ok;
};

async function* existing(etcd: EtcdCluster, key: Buffer, options: GetOptions) {
  const revisions = keyHistory(etcd, key, options);
  let next = await revisions.next();
  for (; !next.done; next = await revisions.next())
    yield { revision: next.value.modRevision, kv: next.value } satisfies KeyState;
  return next.value;
}

/** Of a key that does not exist now: what it was, and when it was deleted. */
async function* lives(etcd: EtcdCluster, key: Buffer, options: CallOptions) {
  const { states, oldest, forgotten } = await keyStates(etcd, key, options);
  yield* states.reverse();
  if (states.length === 0) return 'absent';
  return oldest > 1 || forgotten > 0 ? 'compacted' : 'created';
}

function stateJson(key: Buffer, { revision, kv }: KeyState): object {
  return kv ? keyValueJson(kv) : { ...keyJson(key), modRevision: revision, deleted: true };
}

function revisionLine({ revision, kv }: KeyState, dim: (text: string) => string): string {
  if (!kv) return `${revision}  ${t('deleted')}`;
  const { version, lease, value } = kv;
  const text = valueText(value);
  const facts = [t('version {0}', version), byteCount(value.length)];
  if (lease !== undefined) facts.push(t('lease {0}', lease));
  const preview = text === undefined ? dim(t('(no text)')) : printable(text, 100);
  return `${revision}  ${dim(facts.join(', '))}  ${preview}`.trimEnd();
}

function endText(end: HistoryEnd, key: string, revision: number | undefined): string {
  if (end === 'created') return t('The last one created the key.');
  if (end === 'compacted') return t('What was before is gone: the history was compacted.');
  if (revision !== undefined) return t('muster: {0} does not exist at revision {1}', key, revision);
  return t('muster: {0} does not exist, and etcd has no state of it', key);
}
