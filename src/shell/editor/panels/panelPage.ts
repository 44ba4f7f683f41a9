import { env, Uri, type Webview } from 'vscode';
import { attribute, loadParts, newNonce } from './loadParts';

/** What a page is made of. */
export interface PanelPage {
  /** The feature with `webview/page.ts`, whose script and style sheet have its name. */
  name: string;
  title: string;
  /** The folder of the pages as they are built. */
  root: Uri;
}

/** The page of a panel: nothing but its own script and styles is loaded or run. */
export function panelPage(webview: Webview, { name: page, title, root }: PanelPage): string {
  const nonce = newNonce();
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
    ${loadParts(nonce, [
      { style: file(`${page}.css`), id: 'vscode-codicon-stylesheet' },
      { script: file(`${page}.js`) },
    ])}
  </head>
  <body></body>
</html>`;
}
