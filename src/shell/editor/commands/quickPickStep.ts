import {
  Disposable,
  type QuickPick,
  QuickInputButtons,
  type QuickPickItem,
  QuickPickItemKind,
  window,
} from 'vscode';
import { toMusterError } from '../../../platform/errors/errors';

/** The answer of a person who wants the step before. */
export const back = Symbol('back');

/** Where a question stands among those of one command. */
export interface StepPlace {
  step: number;
  totalSteps: number;
  canGoBack: boolean;
}

export interface PickStep<Item extends QuickPickItem, Answer> {
  picker: QuickPick<Item>;
  /**
   * The item that is chosen, where the list that the person sees is the last that `picker` was given: VS Code takes a choice
   * from one before for the item that has its place now.
   */
  chosen: () => Item | undefined;
  answer: (answer: Answer) => void;
  /** Asks something else meanwhile, which hides the list; it comes back afterwards. */
  aside: (ask: () => Promise<unknown>) => void;
}

/** Shows one list; undefined when it was left. */
export async function quickPickStep<Item extends QuickPickItem, Answer>(
  title: string,
  place: StepPlace | undefined,
  build: (step: PickStep<Item, Answer>) => void,
): Promise<Answer | typeof back | undefined> {
  const picker = window.createQuickPick<Item>();
  let isAside = false;
  let failed: unknown;
  picker.title = title;
  picker.step = place?.step;
  picker.totalSteps = place?.totalSteps;
  if (place?.canGoBack) picker.buttons = [QuickInputButtons.Back];
  const owned: Disposable[] = [picker];
  try {
    return await new Promise<Answer | typeof back | undefined>((resolve, reject) => {
      const aside = (ask: () => Promise<unknown>) => {
        isAside = true;
        void ask()
          .catch((error: unknown) => {
            failed = error;
            reject(toMusterError(error));
          })
          .finally(() => {
            isAside = false;
            if (failed === undefined) picker.show();
          });
      };
      owned.push(
        picker.onDidTriggerButton((button) => button === QuickInputButtons.Back && resolve(back)),
        picker.onDidHide(() => isAside || resolve(undefined)),
      );
      build({ picker, chosen: chosenOf(picker), answer: resolve, aside });
      picker.show();
    });
  } finally {
    Disposable.from(...owned).dispose();
  }
}

/** VS Code reports the first item as active once it has drawn a list. */
function chosenOf<Item extends QuickPickItem>(picker: QuickPick<Item>): () => Item | undefined {
  let drawn: readonly Item[] | undefined;
  picker.onDidChangeActive(([active]) => {
    const first = picker.items.find(({ kind }) => kind !== QuickPickItemKind.Separator);
    if (active === first) drawn = picker.items;
  });
  return () => (drawn === picker.items ? picker.selectedItems[0] : undefined);
}
