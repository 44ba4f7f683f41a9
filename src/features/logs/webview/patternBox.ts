import type { LogPattern } from '../protocol/logsPanel';
import { element } from '../../../shell/webview/element';
import { label } from '../../../shell/webview/label';
import { setText } from '../../../shell/webview/setText';

/** Milliseconds after the last key until what was typed filters. */
const typingMs = 200;

/** A text to filter by, which may be a regular expression; what is wrong with it is told below. */
export class PatternBox {
  private readonly text = element('vscode-textfield', { type: 'search' });
  private readonly regex = element('vscode-toolbar-button', { icon: 'regex', toggleable: '' });
  private readonly problem = element('span', { class: 'problem', role: 'alert' });
  readonly root: HTMLElement;
  private typing: ReturnType<typeof setTimeout> | undefined;

  /** Without `regex` the text is none. */
  constructor(
    name: string,
    title: string,
    regex: string | undefined,
    private readonly change: (pattern: LogPattern) => void,
  ) {
    this.text.placeholder = title;
    this.text.label = title;
    this.text.title = title;
    this.root = element('div', { class: `pattern ${name}` }, this.text);
    if (regex !== undefined) {
      label(this.regex, regex);
      this.root.append(this.regex);
    }
    this.root.append(this.problem);
    this.text.addEventListener('input', () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.tell(), typingMs);
    });
    this.regex.addEventListener('change', () => this.tell());
  }

  show({ text, isRegex }: LogPattern, problem = ''): void {
    // Who is typing is ahead of the answer.
    if (this.typing === undefined) this.text.value = text;
    this.regex.checked = isRegex;
    setText(this.problem, problem);
    this.text.invalid = problem !== '';
  }

  focus(): void {
    this.text.focus();
    this.text.wrappedElement.select();
  }

  /** Tells what was typed so far at once. */
  flush(): void {
    if (this.typing === undefined) return;
    clearTimeout(this.typing);
    this.tell();
  }

  private tell(): void {
    this.typing = undefined;
    this.change({ text: this.text.value, isRegex: this.regex.checked });
  }
}
