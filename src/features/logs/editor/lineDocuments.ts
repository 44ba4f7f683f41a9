import { commands, l10n, type TextDocumentContentProvider, Uri } from 'vscode';
import type { LogDetails } from '../core/logRow';
import { printableText } from '../../../platform/text/printable';

export const logLineScheme = 'muster-log-line';
/** Documents that are kept: a diff editor needs two. */
const most = 40;

/** Single lines as documents, to be compared. */
export class LineDocuments implements TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private serial = 0;

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.path) ?? l10n.t('This line is forgotten already.');
  }

  async compare(one: LogDetails, other: LogDetails, title: string): Promise<void> {
    const [left, right] = [this.add(one), this.add(other)];
    await commands.executeCommand('vscode.diff', left, right, title, { preview: true });
  }

  private add(line: LogDetails): Uri {
    const path = `/${++this.serial}.${isJson(line.fullText) ? 'json' : 'log'}`;
    this.texts.set(path, readable(line));
    for (const old of this.texts.keys()) {
      if (this.texts.size <= most) break;
      this.texts.delete(old);
    }
    return Uri.from({ scheme: logLineScheme, path });
  }
}

/** JSON with a field on each line: what differs is seen at once. Other lines with their fields below. */
function readable({ fullText, fields }: LogDetails): string {
  if (isJson(fullText)) return JSON.stringify(JSON.parse(fullText), undefined, 2);
  const below = Object.entries(fields).map(([field, value]) => `${field} = ${value}`);
  return printableText([fullText, ...(below.length > 0 ? ['', ...below] : [])].join('\n'));
}

function isJson(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
