import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import type { FromLogs, ToLogs } from '../protocol/logsPanel';
import { type EditorApi, openPage } from '../../../shell/webview/openPage';
import { LogsPage } from './logsPage';

declare function acquireVsCodeApi(): EditorApi<FromLogs>;

const api = acquireVsCodeApi();
const take = openPage<ToLogs>(
  api,
  (beginning) => new LogsPage(beginning, (message) => api.postMessage(message)),
);
window.addEventListener('message', ({ data }: MessageEvent<ToLogs>) => take(data));
api.postMessage({ type: 'ready' });
