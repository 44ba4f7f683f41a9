import { l10n } from 'vscode';
import { type back, quickPickStep, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';

/** What a profiler asks for that only a person knows. */
export interface SourceSetting {
  key: 'url' | 'run';
  /** What is there to begin with. */
  start: string;
}

/** Asks for the URL or the command line. */
export function askSource(
  title: string,
  place: StepPlace,
  { key, start }: SourceSetting,
  before: string | undefined,
): Promise<string | typeof back | undefined> {
  return quickPickStep<{ label: string; detail?: string; alwaysShow: boolean }, string>(
    title,
    place,
    ({ picker, answer }) => {
      picker.placeholder =
        key === 'url'
          ? l10n.t('URL; of loopback it is the host’s own, reached over SSH')
          : l10n.t('Command line that prints a profile');
      picker.value = before ?? start;
      const isSound = () => {
        const typed = picker.value.trim();
        return key === 'url' ? /^https?:\/\/[^\s@/?#]/i.test(typed) : typed !== '';
      };
      const update = () => {
        const label = picker.value.trim();
        picker.items = isSound()
          ? [{ label: `$(check) ${label}`, alwaysShow: true }]
          : [
              {
                label: `$(warning) ${key === 'url' ? l10n.t('A URL begins with http:// or https://') : l10n.t('Type a command line')}`,
                alwaysShow: true,
              },
            ];
      };
      picker.onDidChangeValue(update);
      picker.onDidAccept(() => isSound() && answer(picker.value.trim()));
      update();
    },
  );
}
