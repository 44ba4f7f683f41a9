import { childPath, inParallel } from '../../../platform/transport/files/readFiles';
import { hashesOnHost } from './hostHashes';
import type { LocalContent } from './localContent';
import type { Reached } from './reachedHost';
import type { Target } from './targets';
import type { ChangeKind, TransferSettings } from './transfer';

/** Questions under way at a time. */
const atOnce = 64;

/** What is to be done with each target; undefined where it is as it should be. @throws MusterError */
export async function compareTargets(
  reached: Reached,
  base: string,
  targets: readonly Target[],
  { content, settings }: { content: LocalContent; settings: TransferSettings },
): Promise<Map<Target, ChangeKind | undefined>> {
  const kinds = new Map<Target, ChangeKind | undefined>();
  const alike: Target[] = [];
  await inParallel(targets, atOnce, async (target) => {
    const { item, before } = target;
    if (!before) kinds.set(target, 'new');
    else if (item.kind === 'folder') kinds.set(target, undefined);
    else if (item.kind === 'link') kinds.set(target, await compareLink(reached, base, target));
    else if (!before.isFile() || before.size !== item.size) kinds.set(target, 'changed');
    else if (settings.checksum) alike.push(target);
    else kinds.set(target, before.mtime === item.mtime ? compareAttributes(target, settings) : 'changed');
  });
  const hashes = await hashesOnHost(
    reached,
    base,
    alike.map(({ path }) => path),
  );
  for (const target of alike) {
    const isSame = hashes.get(target.path) === (await content.hash(target.item));
    kinds.set(target, isSame ? compareAttributes(target, settings) : 'changed');
  }
  return kinds;
}

async function compareLink(
  { files, waiter }: Reached,
  base: string,
  { item, before, path }: Target,
): Promise<ChangeKind | undefined> {
  if (!before?.isSymbolicLink()) return 'changed';
  return (await files.readLink(childPath(base, path), waiter)) === item.target ? undefined : 'changed';
}

function compareAttributes({ item, before }: Target, { owners }: TransferSettings): ChangeKind | undefined {
  const isOthers = owners && (before!.uid !== item.uid || before!.gid !== item.gid);
  const isSame = (before!.mode & 0o7777) === item.mode && before!.mtime === item.mtime && !isOthers;
  return isSame ? undefined : 'attributes';
}
