import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import type { FromPanel, ToPanel } from '../protocol/watchPanel';
import { type EditorApi, openPage } from '../../../shell/webview/openPage';
import { WatchPage } from './watchPage';

declare function acquireVsCodeApi(): EditorApi<FromPanel>;

const api = acquireVsCodeApi();
const take = openPage<ToPanel>(
  api,
  (beginning) => new WatchPage(beginning, (message) => api.postMessage(message)),
);
window.addEventListener('message', ({ data }: MessageEvent<ToPanel>) => take(data));
api.postMessage({ type: 'ready' });
