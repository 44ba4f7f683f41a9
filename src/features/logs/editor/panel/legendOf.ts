import { posix } from 'node:path';
import { hostname } from 'node:os';
import { l10n } from 'vscode';
import type { LogStream } from '../../core/logStream';
import { printable } from '../../../../platform/text/printable';
import type { LegendSource, Tone } from '../../protocol/logsPanel';

/** Chart colours of a theme. */
const colors = 6;

const tones: Record<LogStream['state'], Tone> = {
  connecting: 'warning',
  unreachable: 'error',
  reconnecting: 'warning',
  waiting: 'warning',
  reading: 'info',
  following: 'info',
  ended: 'info',
  failed: 'error',
};

/** Where lines come from, by the ids of the streams. Hosts differ in colour; of one host its sources do. */
export function legendOf(streams: readonly LogStream[]): LegendSource[] {
  const names = sourceNames(streams);
  const hasHosts = new Set(streams.map(({ host }) => host)).size > 1;
  const keyOf = (stream: LogStream) => (hasHosts ? stream.host : names.get(stream)!);
  const order = new Map([...new Set(streams.map(keyOf))].map((key, index) => [key, index]));
  const legend: LegendSource[] = [];
  for (const stream of streams)
    legend[stream.id] = {
      host: hostLabel(stream.host),
      source: names.get(stream)!,
      color: order.get(keyOf(stream))! % colors,
      tone: tones[stream.state],
      state: stateText(stream),
    };
  return legend;
}

/** The name of a host; this machine has its own. */
export function hostLabel(host: string): string {
  return host === '' ? hostname() : host;
}

/** The names of sources; of one with several files on a host each has the file's name, too. */
export function sourceNames(streams: readonly LogStream[]): Map<LogStream, string> {
  const labels = new Map<string, Set<string>>();
  const keyOf = ({ host, source }: LogStream) => `${host}\0${source}`;
  for (const stream of streams) {
    const key = keyOf(stream);
    const known = labels.get(key);
    if (known) known.add(stream.label);
    else labels.set(key, new Set([stream.label]));
  }
  return new Map(
    streams.map((stream) => {
      const hasOthers = labels.get(keyOf(stream))!.size > 1;
      const name = hasOthers ? `${stream.source}: ${posix.basename(stream.label)}` : stream.source;
      return [stream, printable(name, 60)];
    }),
  );
}

const stateTexts: Record<LogStream['state'], () => string> = {
  connecting: () => l10n.t('connecting'),
  unreachable: () => l10n.t('cannot be reached, trying again'),
  reconnecting: () => l10n.t('connection lost, connecting again'),
  waiting: () => l10n.t('waiting for the file'),
  reading: () => l10n.t('reading what is there'),
  following: () => l10n.t('following'),
  ended: () => l10n.t('ended'),
  failed: () => l10n.t('failed'),
};

/** How a stream is, and why: which file is waited for, or what is wrong. */
export function stateText({
  state,
  error,
  label,
}: Pick<LogStream, 'state' | 'error'> & { label?: string }): string {
  const text = stateTexts[state]();
  const reason = state === 'waiting' ? [label] : error ? [error.message, ...error.causes, error.hint] : [];
  const known = reason.filter((part) => part !== undefined);
  return known.length > 0 ? l10n.t('{0}: {1}', text, printable(known.join(' — '), 300)) : text;
}
