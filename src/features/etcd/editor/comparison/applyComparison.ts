import { l10n, ProgressLocation, window } from 'vscode';
import { appliedChange, applyDifferences, transactionsFor } from '../../core/compare/applyDifferences';
import type { Conflict } from '../../core/client/etcdTransaction';
import { keyText } from '../../core/keys/keyText';
import type { Difference } from '../../core/compare/prefixDifferences';
import { type ErrorCode, MusterError, toMusterError } from '../../../../platform/errors/errors';
import { confirmByTyping } from '../../../../shell/editor/prompts/protection';
import { keyCount } from '../config/configItem';
import { WritePermission } from '../clusters/writePermission';
import { badgeOf, countsText } from './comparisonRow';
import { type ClusterPlace, currentSide, openSide, sideLabel } from './comparisonSide';
import type { Comparison, ComparisonView } from './comparisonView';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

/** What leaves open whether etcd has done what it was told. */
const uncertain: readonly ErrorCode[] = ['TIMEOUT', 'RESET', 'UNREACHABLE', 'CANCELLED', 'PROTOCOL'];

/** Keys that a question or a message names. */
const named = { question: 20, message: 5 };

/** Makes the right side as the left one is, for what was chosen: in one guarded transaction, or in several that are told. */
export async function applyComparison(view: ComparisonView, comparison: Comparison): Promise<void> {
  const { left, nodes } = comparison;
  const chosen = nodes.chosenDifferences;
  const right = writable(comparison, view);
  if (right.cluster.settings.readOnly)
    await new WritePermission().ask(right.cluster, l10n.t('Apply to {0}?', sideLabel(right)));
  if (chosen.length === 0) {
    void window.showInformationMessage(l10n.t('Select what to apply first.'));
    return;
  }
  const transactions = transactionsFor(chosen, right.prefix);
  if (!(await confirmed(right, chosen, transactions.length))) return;
  const [source, target] = [await openSide(left), await openSide(right)];
  if (target.kind !== 'cluster') return;
  const { leftRevision } = nodes.differences;
  const state: State = { done: 0, revision: 0, conflicts: [], isCancelled: false };
  try {
    await window.withProgress(
      {
        ...{ location: ProgressLocation.Notification, cancellable: transactions.length > 1 },
        title: l10n.t('Applying to {0}', sideLabel(right)),
      },
      async (progress, token) => {
        for (const differences of transactions) {
          // What was sent to etcd cannot be taken back.
          if ((state.isCancelled = token.isCancellationRequested)) return;
          const result = await applyDifferences(differences, source, target, { leftRevision });
          if (!result.ok) {
            state.conflicts = result.conflicts;
            return;
          }
          state.done += differences.length;
          state.revision = result.revision;
          progress.report({
            message: `${state.done}/${chosen.length}`,
            increment: (100 * differences.length) / chosen.length,
          });
        }
      },
    );
  } catch (error) {
    await view.compare(left, right, { keepChoice: true }).catch(() => {});
    const { code, message, hint } = toMusterError(error);
    const isUnknown = uncertain.includes(code);
    if (state.done === 0 && !isUnknown) throw error;
    const hints = [
      ...(hint === undefined ? [] : [hint]),
      ...(state.done > 0 ? [doneText(state, chosen.length)] : []),
      ...(isUnknown ? [l10n.t('The last transaction may have been written: compare again.')] : []),
    ];
    throw new MusterError(code, message, { cause: error, hint: hints.join(' ') });
  }
  const conflicts = state.conflicts.map(({ key }) => key.subarray(right.prefix.length));
  await view.compare(left, right, { keepChoice: true, conflicts });
  if (state.conflicts.length > 0) throw conflictError(state, chosen.length);
  const text = state.isCancelled
    ? doneText(state, chosen.length)
    : l10n.t('Applied: {0} at revision {1}.', keyCount(state.done), state.revision);
  void window.showInformationMessage(text);
}

interface State {
  done: number;
  revision: number;
  conflicts: readonly Conflict[];
  isCancelled: boolean;
}

/** @throws MusterError EXPECTATION when the right side is no cluster as it is now */
function writable({ right }: Comparison, view: ComparisonView): ClusterPlace {
  if (right.kind === 'cluster' && right.revision === undefined) return currentSide(right, view.clusters);
  throw new MusterError('EXPECTATION', l10n.t('{0} cannot be written.', sideLabel(right)), {
    hint: l10n.t('Swap the sides: what is applied goes to the right.'),
  });
}

async function confirmed(
  right: ClusterPlace,
  chosen: readonly Difference[],
  transactions: number,
): Promise<boolean> {
  const { cluster } = right;
  const count = (change: string) => chosen.filter((one) => appliedChange(one) === change).length;
  const counts = { add: count('add'), change: count('change'), remove: count('remove') };
  const question = l10n.t('Apply {0} to {1}?', keyCount(chosen.length), sideLabel(right));
  // Removals first: they are what is missed.
  const shown = [...chosen]
    .sort((a, b) => Number(!b.left) - Number(!a.left))
    .slice(0, named.question)
    .map((one) => `${badgeOf(appliedChange(one))} ${keyText(one.name, 100) || '""'}`);
  const rest = chosen.length - shown.length;
  const detail = [
    countsText(counts),
    transactions === 1
      ? l10n.t('In one transaction: all of it is written or, if a key was changed meanwhile, nothing.')
      : l10n.t(
          'Too much for one transaction of etcd: in {0}, one after the other. Each is written whole or not at all, and the first conflict ends it.',
          transactions,
        ),
    ...(cluster.settings.protected ? [l10n.t('The etcd cluster {0} is protected.', cluster.name)] : []),
    '',
    ...shown,
    ...(rest > 0 ? [l10n.t('… and {0} more', rest)] : []),
  ].join('\n');
  const answer = transactions === 1 ? l10n.t('Apply') : l10n.t('Apply in {0} Transactions', transactions);
  if (!(await askBefore(question, { refusal: l10n.t("Don't Apply"), detail }, answer))) return false;
  if (!cluster.settings.protected) return true;
  const prompt = l10n.t('Type “{0}” to write to it.', cluster.name);
  return confirmByTyping(cluster.name, { title: question, prompt });
}

function conflictError(state: State, total: number): MusterError {
  const keys = state.conflicts.slice(0, named.message).map(({ key }) => keyText(key, 100));
  const rest = state.conflicts.length - keys.length;
  const list = [...keys, ...(rest > 0 ? [l10n.t('… and {0} more', rest)] : [])].join(', ');
  return new MusterError('CONFLICT', l10n.t('Changed meanwhile: {0}.', list), {
    hint: doneText(state, total),
  });
}

function doneText({ done, revision }: State, total: number): string {
  return done === 0
    ? l10n.t('Nothing was written.')
    : l10n.t('{0} of {1} keys were written, up to revision {2}; the others were not.', done, total, revision);
}
