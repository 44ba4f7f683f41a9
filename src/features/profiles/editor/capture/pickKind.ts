import { l10n, type QuickPickItem } from 'vscode';
import { t } from '../../../../platform/l10n/l10n';
import type { CaptureKind, Profiler } from '../../core/capture/profiler';
import { type back, quickPickStep, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';

interface KindItem extends QuickPickItem {
  captured: CaptureKind;
}

/** Asks what to capture. What is refused says why, and is no answer. */
export function pickKind(
  title: string,
  place: StepPlace,
  profiler: Profiler,
  chosen: CaptureKind,
): Promise<CaptureKind | typeof back | undefined> {
  return quickPickStep<KindItem, CaptureKind>(title, place, ({ picker, answer }) => {
    picker.placeholder = l10n.t('What to capture');
    picker.matchOnDescription = true;
    picker.items = profiler.kinds.map((kind) => ({
      ...{ captured: kind, label: kind.refused ? `$(circle-slash) ${kind.name}` : kind.name },
      description: t(kind.description),
      ...(kind.refused && { detail: `${t(kind.refused.message)}. ${t(kind.refused.hint)}` }),
    }));
    picker.activeItems = picker.items.filter(({ captured }) => captured === chosen);
    picker.onDidAccept(() => {
      const kind = picker.selectedItems[0]?.captured;
      if (kind && !kind.refused) answer(kind);
    });
  });
}
