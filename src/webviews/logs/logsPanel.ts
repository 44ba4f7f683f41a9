import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import type { FromLogs, ToLogs } from '../../protocol/logsPanel';
import { LogsPage } from './logsPage';

declare function acquireVsCodeApi(): {
  postMessage(message: FromLogs): void;
  setState(state: unknown): void;
};

const api = acquireVsCodeApi();
const send = (message: FromLogs) => api.postMessage(message);
let page: LogsPage | undefined;

window.addEventListener('message', ({ data }: MessageEvent<ToLogs>) => {
  if (data.type === 'state') api.setState(data.state);
  else if (data.type === 'begin') {
    api.setState(data.state);
    page = new LogsPage(data, send);
    document.body.replaceChildren(...page.parts);
  } else page?.take(data);
});
send({ type: 'ready' });
