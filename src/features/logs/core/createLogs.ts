import { MusterError } from '../../../platform/errors/errors';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { suggest } from '../../../platform/inventory/selection/suggest';
import { t } from '../../../platform/l10n/l10n';
import type { HostTransport } from '../../../platform/transport/hostTransport';
import { downloadFile } from './file/downloadFile';
import { FollowedSession } from './follow/followedSession';
import { findStart } from './follow/findStart';
import { openHostFile } from './file/hostFile';
import type { LogSession, LogTarget } from './logSession';
import type { LogOrigin } from './logSource';
import type { Logs } from './logs';
import { LogThread } from './follow/logThread';
import { seekTime } from './store/seekTime';
import { storeHere } from './follow/storeClient';
import { inventoryLogs } from './inventoryLog';

const defaultMemory = 256 * 1024 * 1024;
/** More than the time between two looks at a file that is written to. */
const defaultHoldMs = 400;

export interface LogsOptions {
  transport: HostTransport;
  /** With it lines are kept and searched in threads of their own. */
  thread?: LogThreadOptions;
}

export interface LogThreadOptions {
  /** The bundle of log.worker.ts. */
  file: string;
}

/** The part of the core that has to do with logs. */
export function createLogs({ transport, thread }: LogsOptions): Logs {
  const sessions = new Set<LogSession>();
  return {
    follow: (request, { memory = defaultMemory, holdMs = defaultHoldMs } = {}) => {
      const session = new FollowedSession({
        transport,
        findStart: ({ host, source }, path, time, signal) =>
          host ? findStart(transport, host, path, time, signal, source.become) : Promise.resolve(new Map()),
        client: (tell) =>
          thread ? new LogThread(thread.file, { memory, holdMs }, tell) : storeHere({ memory, holdMs }, tell),
        disposed: (ended) => sessions.delete(ended),
      });
      sessions.add(session);
      session.add(request);
      return session;
    },
    targetsOf,
    targetsFor: (hosts, origin) => {
      const source = { name: nameOf(origin), origin, format: 'auto', hosts: [] } as const;
      return hosts.map((host) => ({ host, source }));
    },
    open: (host, path, deadline) => openHostFile(transport, host, path, deadline),
    seekTime,
    download: (host, path, target, options) => downloadFile(transport, host, path, target, options),
    dispose: async () => {
      await Promise.all([...sessions].map((session) => session.dispose()));
    },
  };
}

/** The sources of these names on those of the hosts that have them. @throws MusterError USAGE */
function targetsOf(inventory: Inventory, hosts: readonly Host[], names?: readonly string[]): LogTarget[] {
  const known = inventory.section(inventoryLogs);
  const sources = (names ?? [...known.keys()]).map((name) => {
    const source = known.get(name);
    if (source) return source;
    const near = suggest(name, known.keys());
    throw new MusterError('USAGE', t('no source “{0}” in the section logs', name), {
      hint: near === undefined ? undefined : t('Did you mean “{0}”?', near),
    });
  });
  const chosen = new Map(hosts.map((host) => [host.name, host]));
  return sources.flatMap((source) =>
    source.hosts.flatMap((name) => {
      const host = chosen.get(name);
      return host ? [{ host, source }] : [];
    }),
  );
}

/** A short name for a source that has none. */
function nameOf(origin: LogOrigin): string {
  if (origin.kind === 'journal') return origin.unit ?? 'journal';
  if (origin.kind === 'file') return origin.path.split('/').at(-1) || origin.path;
  return origin.command.split(/\s+/, 1)[0] ?? 'command';
}
