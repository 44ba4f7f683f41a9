import { window } from 'vscode';

/**
 * Asks in a modal before something is done that somebody may not want; undefined where they do not. VS Code gives the
 * focus to the first button, and a person who is typing at that moment presses it: so the first one, `refusal`, does
 * nothing.
 */
export async function askBefore<Answer extends string>(
  question: string,
  { refusal, detail }: { refusal: string; detail?: string },
  ...answers: Answer[]
): Promise<Answer | undefined> {
  const choice = await window.showWarningMessage(question, { modal: true, detail }, refusal, ...answers);
  return answers.find((answer) => answer === choice);
}
