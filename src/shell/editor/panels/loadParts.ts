import { randomBytes } from 'node:crypto';

/** A style sheet or script of a page, with the address that its webview has for it. */
export type PagePart = { style: string; id?: string } | { script: string };

/** What a page lets run: only scripts with this nonce. */
export const newNonce = (): string => randomBytes(16).toString('base64');

/**
 * An element that loads the parts of a page in front of itself, one after the other, each until it is there: a slow link
 * loses requests, and so does VS Code 1.100 when several webviews are restored at once. Then the window is told of
 * `partsloaded`.
 */
export function loadParts(nonce: string, parts: readonly PagePart[]): string {
  const elements = parts.map((part) =>
    'script' in part
      ? ['script', { nonce, src: part.script }]
      : ['link', { rel: 'stylesheet', href: part.style, ...(part.id && { id: part.id }) }],
  );
  return `<script nonce="${nonce}">
      const here = document.currentScript;
      const load = ([name, settings]) => new Promise((loaded) => {
        const part = Object.assign(document.createElement(name), settings);
        part.onload = loaded;
        part.onerror = () => {
          part.remove();
          setTimeout(() => load([name, settings]).then(loaded), 500);
        };
        here.before(part);
      });
      void (async () => {
        for (const part of ${JSON.stringify(elements).replaceAll('<', '\\u003c')}) await load(part);
        window.dispatchEvent(new Event('partsloaded'));
      })();
    </script>`;
}

/** Text as the value of an attribute. */
export function attribute(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
