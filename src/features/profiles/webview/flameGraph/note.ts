import { icon } from '../../../../shell/webview/element';

/** A button of the note. */
export interface NoteButton {
  label: string;
  press: () => void;
}

/** The note below the graph, which gives way to it, or the alert in place of the graph; none without text. */
export function showNote(
  text: string,
  role: 'alert' | 'status',
  buttons: readonly NoteButton[],
  close?: string,
): void {
  document.querySelector('#note')?.remove();
  if (text === '') return fit();
  const note = Object.assign(document.createElement('div'), { id: 'note' });
  const said = Object.assign(document.createElement('span'), { textContent: text });
  said.setAttribute('role', role);
  if (role === 'alert') note.append(icon('error'));
  note.append(said);
  const button = ({ label, press }: NoteButton) => {
    const made = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
    made.addEventListener('click', press);
    note.append(made);
    return made;
  };
  buttons.forEach(button);
  if (close !== undefined) {
    const cross = button({ label: '✕', press: () => showNote('', 'status', []) });
    cross.setAttribute('aria-label', close);
    cross.title = close;
  }
  document.body.prepend(note);
  fit();
}

/** speedscope is as high as what the note leaves, and finds that out when the window is resized. */
function fit(): void {
  const height = document.querySelector('#note')?.getBoundingClientRect().height ?? 0;
  document.documentElement.style.setProperty('--note-height', `${height}px`);
  window.dispatchEvent(new Event('resize'));
}
