import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { type EditorApi, openPage } from '../../../shell/webview/openPage';
import type { FromMetrics, ToMetrics } from '../protocol/metricsPanel';
import { MetricsPage } from './metricsPage';

declare function acquireVsCodeApi(): EditorApi<FromMetrics>;

const api = acquireVsCodeApi();
const take = openPage<ToMetrics>(
  api,
  (beginning) => new MetricsPage(beginning, (message) => api.postMessage(message)),
);
window.addEventListener('message', ({ data }: MessageEvent<ToMetrics>) => take(data));
api.postMessage({ type: 'ready' });
