import { l10n, type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { CommandHistory } from './commandHistory';
import { holdsSecret } from '../../core/holdsSecret';
import { type back, quickPickStep, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';
import type { Snippet } from './snippet';
import { snippetsSetting, updateSnippets } from './snippets';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

/** The item without a command stands for what is typed. */
interface CommandItem extends QuickPickItem {
  command?: string;
  snippet?: Snippet;
}

const saveButton = { iconPath: new ThemeIcon('save'), tooltip: l10n.t('Save as a snippet') };
const forgetButton = { iconPath: new ThemeIcon('trash'), tooltip: l10n.t('Remove from the history') };
const renameButton = { iconPath: new ThemeIcon('edit'), tooltip: l10n.t('Rename the snippet') };
const deleteButton = { iconPath: new ThemeIcon('trash'), tooltip: l10n.t('Delete the snippet') };

/** Asks for a command line, offering snippets and those of this workspace that ran before. */
export function pickCommand(
  title: string,
  history: CommandHistory,
  place: StepPlace,
  typed = '',
): Promise<string | typeof back | undefined> {
  return quickPickStep<CommandItem, string>(title, place, ({ picker, chosen, answer, aside }) => {
    picker.placeholder = l10n.t('Command line for the hosts’ shell, e.g. uptime');
    picker.matchOnDescription = true;
    picker.value = typed;
    const update = () => {
      picker.items = commandItems(picker.value.trim(), history.commands);
    };
    picker.onDidChangeValue(update);
    picker.onDidTriggerItemButton(({ item, button }) => {
      const command = item.command ?? picker.value.trim();
      if (button === forgetButton) void history.forget(command).then(update);
      else if (button === deleteButton) aside(() => deleteSnippet(item.snippet!).then(update));
      else if (button === renameButton) aside(() => renameSnippet(item.snippet!).then(update));
      else aside(() => saveSnippet(command).then(update));
    });
    picker.onDidAccept(() => {
      const command = chosen()?.command ?? picker.value.trim();
      if (command !== '') answer(command);
    });
    update();
  });
}

function commandItems(typed: string, history: readonly string[]): CommandItem[] {
  const snippets = snippetsSetting.get();
  const before = history.filter((command) => command !== typed);
  return [
    ...(typed === '' ? [] : [typedItem(typed)]),
    ...section(l10n.t('Snippets'), snippets.map(snippetItem)),
    ...section(
      l10n.t('Recently Run'),
      before.map((command) => ({ label: command, command, buttons: [saveButton, forgetButton] })),
    ),
  ];
}

function typedItem(typed: string): CommandItem {
  return {
    label: `$(terminal) ${typed}`,
    description: holdsSecret(typed)
      ? l10n.t('Enter to go on; not kept in the history, since it seems to hold a secret')
      : l10n.t('Enter to go on'),
    alwaysShow: true,
    buttons: [saveButton],
  };
}

function snippetItem(snippet: Snippet): CommandItem {
  const { name, command } = snippet;
  return {
    label: name,
    description: command,
    command,
    snippet,
    iconPath: new ThemeIcon('symbol-snippet'),
    buttons: [renameButton, deleteButton],
  };
}

function section(title: string, items: CommandItem[]): CommandItem[] {
  return items.length === 0 ? [] : [{ label: title, kind: QuickPickItemKind.Separator }, ...items];
}

async function saveSnippet(command: string): Promise<void> {
  if (holdsSecret(command) && !(await isSureToSave())) return;
  const name = await askName(l10n.t('Save as a snippet'), command.split(/\s/, 1)[0] ?? '');
  if (name === undefined) return;
  await updateSnippets((snippets) => [...snippets, { name, command }]);
}

/** Settings may be synchronised and committed. */
async function isSureToSave(): Promise<boolean> {
  const save = l10n.t('Save');
  const question = l10n.t(
    'This command seems to hold a secret. Snippets are kept in your settings as plain text.',
  );
  return (await askBefore(question, { refusal: l10n.t("Don't Save") }, save)) === save;
}

async function renameSnippet({ name }: Snippet): Promise<void> {
  const next = await askName(l10n.t('Rename the snippet'), name);
  if (next === undefined || next === name) return;
  await updateSnippets((snippets) =>
    snippets.map((snippet) => (snippet.name === name ? { ...snippet, name: next } : snippet)),
  );
}

async function deleteSnippet({ name, command }: Snippet): Promise<void> {
  const remove = l10n.t('Delete');
  const question = l10n.t('Delete the snippet “{0}”?', name);
  if (await askBefore(question, { refusal: l10n.t("Don't Delete"), detail: command }, remove))
    await updateSnippets((snippets) => snippets.filter((snippet) => snippet.name !== name));
}

async function askName(title: string, value: string): Promise<string | undefined> {
  const taken = new Set(snippetsSetting.get().map(({ name }) => name));
  const name = await window.showInputBox({
    title,
    value,
    prompt: l10n.t('Name of the snippet'),
    validateInput: (text) => {
      if (text.trim() === '') return l10n.t('A snippet needs a name.');
      const isTaken = taken.has(text.trim()) && text.trim() !== value;
      return isTaken ? l10n.t('There is a snippet of that name.') : undefined;
    },
  });
  return name?.trim() || undefined;
}
