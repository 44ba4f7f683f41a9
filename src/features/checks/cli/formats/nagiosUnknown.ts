import { line } from './format';

/** The exit status of a plugin that found nothing out. */
export const unknownState = 3;

/** One line for what kept all checks from being made. */
export function nagiosUnknown(message: string): string {
  return `MUSTER UNKNOWN - ${plain(message, 300)}\n`;
}

/** What stands before the bar has none, and no backslashes, which some readers take for line breaks. */
export function plain(text: string, limit: number): string {
  return line(text, limit).replaceAll('|', '¦').replaceAll('\\', '/');
}
