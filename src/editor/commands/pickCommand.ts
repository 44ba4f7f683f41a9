import { l10n, type Memento, type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';

const historyKey = 'muster.commandHistory';
const historyLength = 30;

/** One of the history; the item without a command stands for what is typed. */
interface CommandItem extends QuickPickItem {
  command?: string;
}

const forgetButton = { iconPath: new ThemeIcon('trash'), tooltip: l10n.t('Remove from the history') };

/** Asks for a command line, offering those of this workspace that ran before. */
export async function pickCommand(title: string, memento: Memento): Promise<string | undefined> {
  const picker = window.createQuickPick<CommandItem>();
  picker.title = title;
  picker.placeholder = l10n.t('Command line for the hosts’ shell, e.g. uptime');
  const update = () => {
    const typed = picker.value.trim();
    const history = readHistory(memento).filter((command) => command !== typed);
    picker.items = [
      ...(typed === ''
        ? []
        : [{ label: `$(terminal) ${typed}`, description: l10n.t('Enter to go on'), alwaysShow: true }]),
      ...(history.length > 0 ? [{ label: l10n.t('Before'), kind: QuickPickItemKind.Separator }] : []),
      ...history.map((command) => ({ label: command, command, buttons: [forgetButton] })),
    ];
  };
  try {
    return await new Promise<string | undefined>((resolve) => {
      picker.onDidChangeValue(update);
      picker.onDidTriggerItemButton(({ item }) => {
        const kept = readHistory(memento).filter((command) => command !== item.command);
        void memento.update(historyKey, kept).then(update);
      });
      picker.onDidAccept(() => {
        // The items may lag behind what is typed.
        const command = picker.selectedItems[0]?.command ?? picker.value.trim();
        if (command !== '') resolve(command);
      });
      picker.onDidHide(() => resolve(undefined));
      update();
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}

export async function rememberCommand(command: string, memento: Memento): Promise<void> {
  const history = [command, ...readHistory(memento).filter((other) => other !== command)];
  await memento.update(historyKey, history.slice(0, historyLength));
}

function readHistory(memento: Memento): string[] {
  return memento.get<string[]>(historyKey, []);
}
