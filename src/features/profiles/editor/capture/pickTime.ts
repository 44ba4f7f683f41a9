import { l10n, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { parseDuration } from '../../../../platform/inventory/schema/duration';
import { defaultDurationMs, longestDurationMs } from '../../core/capture/captureOrder';
import type { CaptureKind, Profiler } from '../../core/capture/profiler';
import { type back, quickPickStep, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';

/** How long and how often; what is undefined is the profiler's own. */
export interface TimeAnswer {
  durationMs?: number | undefined;
  rate?: number | undefined;
  sudo?: boolean;
}

interface TimeItem extends QuickPickItem {
  option: 'start' | 'duration' | 'rate' | 'sudo' | 'none';
}

/**
 * Asks how long and how often to sample, and changes `time` as it is told to. The first item starts, so that Enter is
 * enough.
 */
export function pickTime(
  title: string,
  place: StepPlace,
  profiler: Profiler,
  kind: CaptureKind,
  canSudo: boolean,
  time: TimeAnswer,
): Promise<true | typeof back | undefined> {
  const items = (): TimeItem[] => {
    const duration = kind.timed
      ? secondsText(time.durationMs ?? defaultDurationMs)
      : l10n.t('the state of now');
    const rate = kind.timed && profiler.rate ? (time.rate ?? profiler.rate.default) : undefined;
    const rateText = rate === undefined ? '' : l10n.t('{0} samples a second', rate);
    const runsCommands = profiler.runsCommands({ sudo: false });
    return [
      {
        label: `$(record) ${l10n.t('Capture {0}', kind.name)}`,
        description: [duration, rateText].filter((part) => part !== '').join(' · '),
        ...{ option: 'start', alwaysShow: true },
      },
      { label: l10n.t('Options'), kind: QuickPickItemKind.Separator, option: 'none' },
      ...(kind.timed
        ? [{ label: l10n.t('Duration'), description: duration, option: 'duration' as const }]
        : []),
      ...(rate === undefined
        ? []
        : [{ label: l10n.t('Rate'), description: rateText, option: 'rate' as const }]),
      ...(canSudo && runsCommands
        ? [
            {
              label: `$(${time.sudo ? 'check' : 'dash'}) ${l10n.t('As root, through sudo')}`,
              description: time.sudo ? l10n.t('on') : l10n.t('off'),
              option: 'sudo' as const,
            },
          ]
        : []),
    ];
  };
  return quickPickStep<TimeItem, true>(title, place, ({ picker, answer, aside }) => {
    picker.placeholder = l10n.t('Enter captures with what is shown');
    const update = () => {
      picker.items = items();
      picker.activeItems = picker.items.slice(0, 1);
    };
    picker.onDidAccept(() => {
      const option = picker.selectedItems[0]?.option;
      if (option === 'start') return answer(true);
      if (option === 'sudo') {
        time.sudo = !time.sudo;
        return update();
      }
      if (option === 'duration' || option === 'rate')
        aside(async () => {
          picker.value = '';
          if (option === 'duration')
            time.durationMs = (await askDuration(time.durationMs)) ?? time.durationMs;
          else time.rate = (await askRate(profiler.rate!.most, time.rate)) ?? time.rate;
          update();
        });
    });
    update();
  });
}

const secondsText = (ms: number) => l10n.t('{0} s', ms / 1000);

async function askDuration(before: number | undefined): Promise<number | undefined> {
  const text = await window.showInputBox({
    title: l10n.t('Duration'),
    prompt: l10n.t('e.g. 10s or 2m, up to 1h'),
    value: `${(before ?? defaultDurationMs) / 1000}s`,
    validateInput: (typed) =>
      durationOf(typed) === undefined ? l10n.t('e.g. 10s or 2m, up to 1h') : undefined,
  });
  return text === undefined ? undefined : durationOf(text);
}

function durationOf(text: string): number | undefined {
  try {
    const ms = parseDuration(text.trim());
    return ms > 0 && ms <= longestDurationMs ? ms : undefined;
  } catch {
    return undefined;
  }
}

async function askRate(most: number, before: number | undefined): Promise<number | undefined> {
  const rateOf = (text: string) => {
    const rate = /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
    return rate >= 1 && rate <= most ? rate : undefined;
  };
  const text = await window.showInputBox({
    title: l10n.t('Rate'),
    prompt: l10n.t('Samples a second, from 1 to {0}', most),
    value: before === undefined ? '' : String(before),
    validateInput: (typed) =>
      rateOf(typed) === undefined ? l10n.t('Samples a second, from 1 to {0}', most) : undefined,
  });
  return text === undefined ? undefined : rateOf(text);
}
