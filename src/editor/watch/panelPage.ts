import { randomBytes } from 'node:crypto';
import { l10n, Uri, type Webview } from 'vscode';

/** The page of a panel: nothing but its own script and styles is loaded or run. */
export function panelPage(webview: Webview, root: Uri, language: string): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string) => webview.asWebviewUri(Uri.joinPath(root, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
    <title>${attribute(l10n.t('Watch'))}</title>
    <link rel="stylesheet" href="${attribute(file('watchPanel.css'))}" id="vscode-codicon-stylesheet">
  </head>
  <body>
    <script nonce="${nonce}" src="${attribute(file('watchPanel.js'))}"></script>
  </body>
</html>`;
}

function attribute(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
