// Runs in a worker thread, started by fileLogThread.ts: it reads, looks through and decodes one local file.
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { serveThread } from '../../../../platform/threads/serveThread';
import { openLocalFile } from './localFile';
import type { LogView } from '../logView';
import type { FileLogContract } from './fileLogContract';
import { FileLogSession } from './fileLogSession';

serveThread<FileLogContract>(async ({ path }, tells) => {
  const log = new FileLogSession(await openLocalFile(path), { reads: 'all' });
  log.onStreams((streams) => tells.streams(streams));
  log.onStats((stats) => tells.stats(stats, log.reach));
  const views = new Map<number, LogView>();
  const viewOf = (number: number): LogView => {
    const view = views.get(number);
    if (view) return view;
    throw new MusterError('CANCELLED', t('the view of the log is closed'));
  };
  return {
    open: async (number, filter) => {
      const view = await log.view(filter);
      views.set(number, view);
      view.onState((state) => tells.state(number, state));
      view.onFind((state) => tells.found(number, state));
      return view.state;
    },
    close: (number) => {
      views.get(number)?.dispose();
      views.delete(number);
    },
    setFilter: async (number, filter) => {
      const view = viewOf(number);
      await view.setFilter(filter);
      return view.state;
    },
    text: async (number, from, to, prefixed) => {
      const chunks: string[] = [];
      for await (const chunk of viewOf(number).text(from, to, { prefixed })) chunks.push(chunk);
      return chunks.join('');
    },
    details: (seq) => log.details(seq),
    rows: (view, ...asked) => viewOf(view).rows(...asked),
    positionOf: (view, ...asked) => viewOf(view).positionOf(...asked),
    positionAt: (view, ...asked) => viewOf(view).positionAt(...asked),
    find: (view, ...asked) => viewOf(view).find(...asked),
    next: (view, ...asked) => viewOf(view).next(...asked),
    previous: (view, ...asked) => viewOf(view).previous(...asked),
    histogram: (view, ...asked) => viewOf(view).histogram(...asked),
  };
});
