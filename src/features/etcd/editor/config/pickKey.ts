import { setTimeout as delay } from 'node:timers/promises';
import { l10n, ProgressLocation, type QuickPickItem, window } from 'vscode';
import { errorReport } from '../../../../platform/errors/errors';
import { keyText } from '../../core/keys/keyText';
import { back, quickPickStep } from '../../../../shell/editor/commands/quickPickStep';
import type { Cluster } from '../clusters/cluster';
import { keyCount } from './configItem';
import { type FoundKeys, findKeys, wholeKey } from './findKeys';

export interface PickedKey {
  key: Buffer;
  exists: boolean;
}

export interface KeyQuestion {
  /** What the keys begin with that are listed at first; the cluster's prefix by default. */
  start?: Buffer;
  /** What to do with a key that does not exist; without it only those that exist can be picked. */
  absent?: ((key: string) => string) | undefined;
}

interface KeyItem extends QuickPickItem {
  /** None: it says what went wrong, and asks again. */
  choice?: PickedKey;
}

/** Rows of the list. */
const limit = 200;
/** Keys that are looked at for one text: some seconds' worth. */
const maxSearched = 100_000;
/** Milliseconds for which nobody types before the cluster is asked. */
const debounceMs = 150;

/** Lists the keys of a cluster, found by what is typed; undefined when none was picked. */
export async function pickKey(
  cluster: Cluster,
  { start, absent }: KeyQuestion = {},
): Promise<PickedKey | undefined> {
  const connection = await cluster.open();
  const closing = new AbortController();
  const find = (text: string, signal: AbortSignal) => {
    const options = {
      signal: AbortSignal.any([signal, cluster.gone]),
      timeoutMs: cluster.settings.timeoutMs,
    };
    const { prefix, separator } = cluster;
    return findKeys(connection, { text, prefix, separator, limit, maxSearched, options });
  };
  const value = start && !start.equals(cluster.prefix) ? keyText(start) : '';
  // Before the list is there: what asks for a password would close it.
  const first = await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Reading the keys of {0}…', cluster.name) },
    async () => (await find(value, closing.signal).next()).value as FoundKeys,
  );
  try {
    const answer = await quickPickStep<KeyItem, PickedKey>(cluster.name, undefined, ({ picker, answer }) => {
      let asking = new AbortController();
      /** What was active when Enter was pressed before the cluster had answered to what was typed. */
      let early: { choice: PickedKey | undefined } | undefined;
      /** Whether the list is the answer to what was typed last. */
      let isCurrent = true;

      const show = (text: string, found: FoundKeys) => {
        const { keys } = found;
        const whole = wholeKey(text, cluster);
        const exists = text !== '' && (keys[0]?.equals(whole) ?? false);
        const items = keys.map(itemOf);
        if (absent && found.done && !exists && whole.length > cluster.prefix.length)
          items.push(absentItem(whole, absent));
        const active = picker.activeItems[0]?.choice;
        const wanted = isCurrent && active ? active : undefined;
        picker.title = titleOf(cluster, found);
        picker.items = items;
        const same = wanted && items.find(({ choice }) => choice && isSame(choice, wanted));
        // What is new is never active while there is something that exists.
        const front = same ?? items.find(({ choice }) => choice?.exists) ?? items[0];
        if (front) picker.activeItems = [front];
        isCurrent = true;
        if (!early || !(exists || found.done)) return;
        const { choice } = early;
        early = undefined;
        if (exists) answer({ key: whole, exists });
        else if (choice && keys.some((key) => key.equals(choice.key))) answer(choice);
      };

      const ask = async (text: string) => {
        asking.abort();
        asking = new AbortController();
        const signal = AbortSignal.any([asking.signal, closing.signal]);
        picker.busy = true;
        try {
          await delay(debounceMs, undefined, { signal });
          for await (const found of find(text, signal)) if (!signal.aborted) show(text, found);
        } catch (error) {
          if (!signal.aborted)
            picker.items = [failedItem(error), ...picker.items.filter(({ choice }) => choice)];
        }
        if (!signal.aborted) picker.busy = false;
      };

      // A document that opens meanwhile takes the focus, not what was typed.
      picker.ignoreFocusOut = true;
      picker.placeholder = l10n.t('Type the beginning or a part of a key');
      picker.value = value;
      show(value, first);
      if (!first.done) void ask(value);
      picker.onDidChangeValue((text) => {
        isCurrent = false;
        early = undefined;
        void ask(text);
      });
      picker.onDidAccept(() => {
        // The row that was chosen is unknown when the list was made anew at that moment: what was typed is not.
        const typed = wholeKey(picker.value, cluster);
        const [item = picker.items.find(({ choice }) => choice?.exists && choice.key.equals(typed))] =
          picker.selectedItems;
        if (item && !item.choice) void ask(picker.value);
        else if (!isCurrent) {
          early = { choice: item?.choice };
          if (!picker.busy) void ask(picker.value);
        } else if (item?.choice) answer(item.choice);
      });
    });
    return answer === back ? undefined : answer;
  } finally {
    closing.abort();
  }
}

function itemOf(key: Buffer): KeyItem {
  // The search has found it, even where the label does not have what was typed.
  return { label: labelOf(key), alwaysShow: true, choice: { key, exists: true } };
}

function absentItem(key: Buffer, absent: (key: string) => string): KeyItem {
  // VS Code sorts by how well labels match: what is new comes after what there is.
  const description = absent(labelOf(key));
  return { label: '$(add)', description, alwaysShow: true, choice: { key, exists: false } };
}

/** VS Code draws icons where names stand in labels. */
function labelOf(key: Buffer): string {
  return keyText(key).replace(/\$\([\w~-]+\)/g, '\\$&');
}

function failedItem(error: unknown): KeyItem {
  const { message, hint } = errorReport(error);
  const detail = [hint, l10n.t('Press Enter to ask again.')].filter(Boolean).join(' ');
  return { label: `$(error) ${message}`, detail, alwaysShow: true };
}

function titleOf({ name }: Cluster, { keys, total, more }: FoundKeys): string {
  if (total !== undefined)
    return l10n.t('{0} · the first {1} of {2}: type more of the key', name, keys.length, keyCount(total));
  if (more) return l10n.t('{0} · {1}, there may be more: type more of the key', name, keyCount(keys.length));
  return l10n.t('{0} · {1}', name, keyCount(keys.length));
}

function isSame(one: PickedKey, other: PickedKey): boolean {
  return one.exists === other.exists && one.key.equals(other.key);
}
