import { l10n } from 'vscode';
import { toMusterError } from '../../../../platform/errors/errors';
import { correlationPattern } from '../../core/recognise/correlation';
import { parseFieldConditions } from '../../core/filter/fieldConditions';
import type { LogFilter, TextPattern } from '../../core/filter/logFilter';
import type { LogStream } from '../../core/logStream';
import { matchRanges } from '../../core/filter/matchRanges';
import type { LogPattern, LogView, ViewBox } from '../../protocol/logsPanel';
import { hostLabel, sourceNames } from './legendOf';

/** What a view asks of the engine, as far as it can be understood, and what is wrong with the rest. */
export interface ReadView {
  filter: LogFilter;
  highlight: TextPattern | undefined;
  problems: Partial<Record<ViewBox, string>>;
}

export function readView(view: LogView, streams: readonly LogStream[]): ReadView {
  const problems: ReadView['problems'] = {};
  const sound = <Value>(box: ViewBox, read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      const { message, hint } = toMusterError(error);
      problems[box] =
        box === 'fields'
          ? [message, hint].filter(Boolean).join(' — ')
          : l10n.t('No regular expression: {0}', message);
      return undefined;
    }
  };
  const pattern = (box: 'include' | 'exclude' | 'highlight') => sound(box, () => patternOf(view[box]));
  const include = pattern('include');
  const exclude = pattern('exclude');
  const fields = sound('fields', () => parseFieldConditions(view.fields));
  const correlation = view.correlate && correlationPattern(view.correlate.field, view.correlate.value);
  const names = sourceNames(streams);
  const [hosts, sources] = [new Set(view.hiddenHosts), new Set(view.hiddenSources)];
  const hidden = streams.filter(
    (stream) => hosts.has(hostLabel(stream.host)) || sources.has(names.get(stream)!),
  );
  const included = [include, correlation].filter((one) => one !== undefined);
  return {
    filter: {
      ...(included.length > 0 && { include: included }),
      ...(exclude && { exclude: [exclude] }),
      ...(fields && fields.length > 0 && { fields }),
      ...(view.level && { level: view.level }),
      ...(hidden.length > 0 && { hiddenStreams: hidden.map(({ id }) => id) }),
      ...(view.from !== undefined && { from: view.from }),
      ...(view.to !== undefined && { to: view.to }),
      ...(view.correlate && { withoutEvents: true }),
    },
    highlight: pattern('highlight'),
    problems,
  };
}

/** Whether lines are left out. */
export function isFiltering(view: LogView): boolean {
  const { include, exclude, fields, level, hiddenHosts, hiddenSources, from, to, correlate } = view;
  const isNarrow = include.text !== '' || exclude.text !== '' || fields.trim() !== '' || level !== undefined;
  const isHiding = hiddenHosts.length + hiddenSources.length > 0;
  return isNarrow || isHiding || from !== undefined || to !== undefined || correlate !== undefined;
}

/** @throws RE2JSException */
function patternOf({ text, isRegex }: LogPattern): TextPattern | undefined {
  if (text === '') return undefined;
  const pattern = { text, ...(isRegex && { regex: true }) };
  matchRanges(pattern);
  return pattern;
}
