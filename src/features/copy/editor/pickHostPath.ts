import type { QuickPickItem } from 'vscode';
import { printable } from '../../../platform/text/printable';
import { back, quickPickStep } from '../../../shell/editor/commands/quickPickStep';

interface PathItem extends QuickPickItem {
  path: string;
}

/** Asks for a path on hosts: one that was used before, or another; undefined when it was left. */
export async function pickHostPath(
  title: string,
  { placeholder, known }: { placeholder: string; known: readonly string[] },
): Promise<string | undefined> {
  const path = await quickPickStep<PathItem, string>(title, undefined, ({ picker, chosen, answer }) => {
    picker.placeholder = placeholder;
    const update = () => {
      const typed = picker.value.trim();
      picker.items = [
        ...(typed === '' ? [] : [{ label: `$(check) ${typed}`, path: typed, alwaysShow: true }]),
        ...known
          .filter((one) => one !== typed)
          .map((one) => ({ label: `$(history) ${printable(one, 300)}`, path: one })),
      ];
    };
    picker.onDidChangeValue(update);
    picker.onDidAccept(() => {
      // The list may lag behind what is typed.
      const path = chosen()?.path ?? picker.value.trim();
      if (path !== '') answer(path);
    });
    update();
  });
  return path === back ? undefined : path;
}
