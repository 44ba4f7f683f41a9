/** speedscope asks the browser for its theme: it gets VS Code's, and is told when that changes. */
export function followTheme(): void {
  const real = window.matchMedia.bind(window);
  const query = '(prefers-color-scheme: dark)';
  const listeners = new Set<(event: MediaQueryListEvent) => void>();
  // Of the classes, a light theme of high contrast has that of the dark one, too.
  const isDark = () =>
    ['vscode-dark', 'vscode-high-contrast'].includes(document.body?.dataset['vscodeThemeKind'] ?? '');
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
