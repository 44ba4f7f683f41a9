// eslint-disable-next-line no-restricted-syntax -- a file of this extension
import { readFile } from 'node:fs/promises';
import { l10n, Uri, type Webview } from 'vscode';
import { attribute, loadParts, newNonce } from '../../../../shell/editor/panels/loadParts';

/** The page of a flame graph: speedscope as it is published, between a script of ours and a policy that allows no other. */
export async function flameGraphPage(webview: Webview, root: Uri, language: string): Promise<string> {
  const nonce = newNonce();
  const released = Uri.joinPath(root, 'speedscope');
  const index = await readFile(Uri.joinPath(released, 'index.html').fsPath, 'utf8');
  // Its names have hashes.
  const named = (pattern: RegExp) => pattern.exec(index)![1]!;
  const file = (base: Uri, name: string) => webview.asWebviewUri(Uri.joinPath(base, name)).toString();
  const { cspSource } = webview;
  const policy = [
    ...[`default-src 'none'`, `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`],
    ...[
      `style-src ${cspSource} 'nonce-${nonce}'`,
      `font-src ${cspSource}`,
      `img-src ${cspSource} data: blob:`,
    ],
    ...[`connect-src ${cspSource} blob:`, `base-uri ${cspSource}`, `form-action 'none'`],
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
    <title>${attribute(l10n.t('Flame Graph'))}</title>
    <base href="${attribute(`${file(released, '')}/`)}">
    ${loadParts(nonce, [
      { style: file(released, named(/href="(speedscope-[^"]+\.css)"/)) },
      { style: file(root, 'profiles.flameGraph.css') },
      { script: file(root, 'profiles.flameGraph.js') },
      { script: file(released, named(/src="(speedscope-[^"]+\.js)"/)) },
    ])}
    <style data-aphrodite nonce="${nonce}"></style>
  </head>
  <body></body>
</html>`;
}
