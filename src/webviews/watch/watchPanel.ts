import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import type { ToPanel } from '../../protocol/watchPanel';
import { type EditorApi, WatchPage } from './watchPage';

declare function acquireVsCodeApi(): EditorApi;

const api = acquireVsCodeApi();
let page: WatchPage | undefined;

window.addEventListener('message', ({ data }: MessageEvent<ToPanel>) => {
  if (data.type === 'begin') {
    page = new WatchPage(data, api);
    document.body.replaceChildren(...page.parts);
    page.begin();
  } else page?.take(data);
});
api.postMessage({ type: 'ready' });
