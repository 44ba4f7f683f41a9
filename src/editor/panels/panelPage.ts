import { randomBytes } from 'node:crypto';
import { env, Uri, type Webview } from 'vscode';

/** What a page is made of. */
export interface PanelPage {
  /** Of `src/webviews`: its script and its style sheet have this name. */
  name: string;
  title: string;
  /** The folder of the built pages. */
  root: Uri;
}

/** The page of a panel: nothing but its own script and styles is loaded or run. */
export function panelPage(webview: Webview, { name: page, title, root }: PanelPage): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string) => webview.asWebviewUri(Uri.joinPath(root, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(env.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
    <title>${attribute(title)}</title>
  </head>
  <body>
    <script nonce="${nonce}">${loading(file(`${page}.css`), file(`${page}.js`), nonce)}</script>
  </body>
</html>`;
}

/**
 * Loads the style sheet, then the script, each until it is there: a slow link loses requests, and so does VS Code 1.100
 * in a browser when several panels are restored at once.
 */
function loading(style: string, script: string, nonce: string): string {
  const parts = [
    ['link', { rel: 'stylesheet', id: 'vscode-codicon-stylesheet', href: style }],
    ['script', { nonce, src: script }],
  ];
  return `
      const load = ([name, settings]) => new Promise((loaded) => {
        const part = Object.assign(document.createElement(name), settings);
        part.onload = loaded;
        part.onerror = () => {
          part.remove();
          setTimeout(() => load([name, settings]).then(loaded), 500);
        };
        document.head.append(part);
      });
      const [style, script] = ${JSON.stringify(parts)};
      void load(style).then(() => load(script));
    `;
}

function attribute(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
