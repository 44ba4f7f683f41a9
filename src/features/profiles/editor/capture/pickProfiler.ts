import { l10n, type QuickPickItem, QuickPickItemKind } from 'vscode';
import { t } from '../../../../platform/l10n/l10n';
import { MusterError } from '../../../../platform/errors/errors';
import { profilerEntries, type ProfilerEntry } from '../../core/capture/profilerEntry';
import type { Host, Inventory } from '../../../../platform/inventory/model';
import { refuseCapture } from '../../core/capture/captureBatch';
import type { Profiler } from '../../core/capture/profiler';
import { profilerOf, profilers } from '../../core/capture/profilers';
import { type back, quickPickStep, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';
import { hostCount } from '../../../../shell/editor/hosts/wording';

export interface ProfilerChoice {
  profiler: Profiler;
  /** The one of muster.yaml, if it is that. */
  entry?: ProfilerEntry;
}

interface ProfilerItem extends QuickPickItem {
  choice?: ProfilerChoice;
}

/** Asks for a profiler of muster.yaml, or for one to be described. */
export function pickProfiler(
  title: string,
  place: StepPlace,
  inventory: Inventory,
  hosts: readonly Host[],
): Promise<ProfilerChoice | typeof back | undefined> {
  const configured = [...inventory.section(profilerEntries).values()].flatMap((entry): ProfilerItem[] => {
    const own = new Set(entry.hosts);
    const among = hosts.filter(({ name }) => own.has(name));
    if (among.length === 0) return [];
    const profiler = profilerOf(entry.type);
    const reach =
      among.length < hosts.length ? l10n.t('on {0} of {1}', hostCount(among.length), hosts.length) : '';
    const refusal = refusalOf(among, entry);
    return [
      {
        label: `${refusal ? '$(lock)' : '$(flame)'} ${entry.name}`,
        description: [profiler.title, reach].filter((part) => part !== '').join(' · '),
        ...(refusal ? { detail: refusal } : { choice: { profiler, entry } }),
      },
    ];
  });
  const adHoc = profilers.map((profiler): ProfilerItem => {
    const refusal = refusalOf(hosts, { type: profiler.type, settings: {} });
    return {
      label: `${refusal ? '$(lock)' : '$(add)'} ${profiler.title}`,
      detail: refusal ?? t(profiler.description),
      ...(!refusal && { choice: { profiler } }),
    };
  });
  const separator = (label: string): ProfilerItem => ({ label, kind: QuickPickItemKind.Separator });
  return quickPickStep<ProfilerItem, ProfilerChoice>(title, place, ({ picker, answer }) => {
    picker.placeholder = l10n.t('A profiler of muster.yaml, or one to describe now');
    picker.matchOnDescription = true;
    picker.items = [
      ...(configured.length > 0 ? [separator('muster.yaml'), ...configured] : []),
      separator(l10n.t('Ad hoc')),
      ...adHoc,
    ];
    picker.onDidAccept(() => {
      const choice = picker.selectedItems[0]?.choice;
      if (choice) answer(choice);
    });
  });
}

/** Why it would be refused on these hosts. */
function refusalOf(
  hosts: readonly Host[],
  plan: Pick<ProfilerEntry, 'type' | 'settings'>,
): string | undefined {
  try {
    refuseCapture(hosts, plan);
    return undefined;
  } catch (error) {
    if (!MusterError.is(error, 'READ_ONLY')) throw error;
    return [error.message, error.hint].filter(Boolean).join('. ');
  }
}
