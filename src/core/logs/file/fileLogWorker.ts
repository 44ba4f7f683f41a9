import { parentPort, workerData } from 'node:worker_threads';
import { errorReport, MusterError } from '../../errors';
import { t } from '../../l10n';
import { openLocalFile } from '../localFile';
import type { LogFilter } from '../logFilter';
import type { LogView } from '../logView';
import type { FromFileThread, ToFileThread } from './fileLogMessages';
import { FileLogSession } from './fileLogSession';

/** The thread of one local file: it reads, looks through and decodes it for its owner. */
const port = parentPort!;
const tell = (message: FromFileThread) => port.postMessage(message);
const views = new Map<number, LogView>();

const session = openLocalFile((workerData as { path: string }).path).then((file) => {
  const opened = new FileLogSession(file, { reads: 'all' });
  opened.onStreams((streams) => tell({ type: 'streams', streams }));
  opened.onStats((stats) => tell({ type: 'stats', stats, reach: opened.reach }));
  return opened;
});
// Who asks for something is told.
session.catch(() => {});

port.on('message', (message: ToFileThread) => {
  const { call } = message;
  answer(message).then(
    (value) => tell({ type: 'answer', call, value }),
    (error: unknown) => tell({ type: 'answer', call, error: errorReport(error) }),
  );
});

async function answer(message: ToFileThread): Promise<unknown> {
  const log = await session;
  switch (message.method) {
    case 'view': {
      const opened = await log.view(...message.args);
      const { view } = message;
      views.set(view, opened);
      opened.onState((state) => tell({ type: 'state', view, state }));
      opened.onFind((state) => tell({ type: 'find', view, state }));
      return opened.state;
    }
    case 'close':
      views.get(message.view)?.dispose();
      views.delete(message.view);
      return undefined;
    case 'details':
      return log.details(...message.args);
    case 'text': {
      const [from, to, prefixed] = message.args;
      const chunks: string[] = [];
      for await (const chunk of viewOf(message.view).text(from, to, { prefixed })) chunks.push(chunk);
      return chunks.join('');
    }
    case 'setFilter': {
      const view = viewOf(message.view);
      await view.setFilter(message.args[0] as LogFilter);
      return view.state;
    }
    case 'rows':
    case 'positionOf':
    case 'positionAt':
    case 'find':
    case 'next':
    case 'previous':
    case 'histogram': {
      const view = viewOf(message.view);
      return (view[message.method] as (this: LogView, ...args: unknown[]) => unknown).apply(
        view,
        message.args,
      );
    }
  }
}

function viewOf(number: number): LogView {
  const view = views.get(number);
  if (view) return view;
  throw new MusterError('CANCELLED', t('the view of the log is closed'));
}
