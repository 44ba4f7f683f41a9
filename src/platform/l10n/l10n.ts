import { config, t as translate } from '@vscode/l10n';

/** Translations by the English text. */
export type Texts = Readonly<Record<string, string>>;

let spoken: Texts = {};

/** Chooses the language of what people read, before anything is said. Codes and names stay as they are. */
export function speak(texts: Texts): void {
  spoken = texts;
  config({ contents: texts });
}

/** What another thread of this process is to speak. */
export function spokenTexts(): Texts {
  return spoken;
}

/** Marks a text of a table, which is read before the language is known and translated where it is shown. */
export const text = (english: string): string => english;

/** The text in the language of who reads it, with the values in place of `{0}`, `{1}`… */
export function t(english: string, ...values: readonly (string | number | bigint | undefined)[]): string {
  return translate(english, ...values.map(String));
}
