import type { FromFlameGraph, ToFlameGraph } from '../../protocol/flameGraph';

declare function acquireVsCodeApi(): {
  postMessage(message: FromFlameGraph): void;
  getState(): { view?: string } | undefined;
  setState(state: { view: string }): void;
};

// Runs before speedscope, which finds here what it expects of a browser.
const api = acquireVsCodeApi();
location.hash = `view=${api.getState()?.view ?? 'left-heavy'}`;
followTheme();
window.alert = (message?: unknown) => api.postMessage({ type: 'failed', message: String(message) });

window.addEventListener('message', ({ data }: MessageEvent<ToFlameGraph>) => {
  if (data.type === 'error') {
    delete document.body.dataset.drawn;
    show(data.message, 'alert');
  } else {
    document.body.dataset.drawn = '';
    show(data.banner, 'status');
    drop(new File([new Uint8Array(data.bytes)], data.name));
  }
});
document.addEventListener('click', keepDownload, true);
document.addEventListener('click', keepView, true);
document.addEventListener('keydown', keepView, true);
window.addEventListener('load', () => api.postMessage({ type: 'ready' }));

/** speedscope asks the browser for its theme: it gets VS Code's, and is told when that changes. */
function followTheme(): void {
  const real = window.matchMedia.bind(window);
  const query = '(prefers-color-scheme: dark)';
  const listeners = new Set<(event: MediaQueryListEvent) => void>();
  const isDark = () => /vscode-(dark|high-contrast)(?!-light)/.test(document.body?.className ?? '');
  const list = {
    ...{ media: query, onchange: null },
    get matches() {
      return isDark();
    },
    addEventListener: (_: string, listener: (event: MediaQueryListEvent) => void) =>
      void listeners.add(listener),
    removeEventListener: (_: string, listener: (event: MediaQueryListEvent) => void) =>
      void listeners.delete(listener),
    addListener: (listener: (event: MediaQueryListEvent) => void) => void listeners.add(listener),
    removeListener: (listener: (event: MediaQueryListEvent) => void) => void listeners.delete(listener),
    dispatchEvent: () => true,
  };
  window.matchMedia = (media: string) =>
    media === query ? (list as unknown as MediaQueryList) : real(media);
  const tell = () => {
    for (const listener of listeners) listener({ matches: isDark(), media: query } as MediaQueryListEvent);
  };
  new MutationObserver(tell).observe(document.body, { attributes: true, attributeFilter: ['class'] });
}

/** As if the file were dragged into the page. */
function drop(file: File): void {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  const root = document.querySelector('body > div:not(#note)')!;
  root.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}

/** A page of the editor cannot download: what would be is handed over. */
function keepDownload(event: Event): void {
  const link = event.target;
  if (!(link instanceof HTMLAnchorElement) || link.download === '') return;
  event.preventDefault();
  const name = link.download;
  void fetch(link.href)
    .then((response) => response.text())
    .then((text) => api.postMessage({ type: 'export', name, text }));
}

/** The views of speedscope by the key and by the end of the label that choose them. */
const views = [
  { key: '1', label: 'Time Order', view: 'time-ordered' },
  { key: '2', label: 'Left Heavy', view: 'left-heavy' },
  { key: '3', label: 'Sandwich', view: 'sandwich' },
];

/** The view that was chosen is chosen again when the page comes back. */
function keepView(event: Event): void {
  const chosen =
    event instanceof KeyboardEvent
      ? views.find(({ key }) => key === event.key)
      : views.find(({ label }) => labelOf(event.target).endsWith(label));
  if (chosen) api.setState({ view: chosen.view });
}

const labelOf = (target: EventTarget | null) =>
  (target instanceof Element ? (target.textContent ?? '') : '').trim().slice(0, 40);

function show(text: string, role: string): void {
  document.querySelector('#note')?.remove();
  if (text === '') return;
  const note = Object.assign(document.createElement('div'), { id: 'note', textContent: text });
  note.setAttribute('role', role);
  document.body.prepend(note);
}
