/** What a logs panel and the editor tell each other. The editor words and bounds everything that is shown, except times. */
import type { AnswerMessage, RequestMessage } from '../../../shell/protocol/requests';
import type { RowNews, RowRange, RowRequests, RowStatus } from '../../../shell/protocol/rows';

/** The gravest first. */
export const logLevels = ['fatal', 'error', 'warn', 'notice', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What to look for in a line: a substring, or a regular expression (RE2). */
export interface LogPattern {
  text: string;
  isRegex: boolean;
}

/** What the panel shows of what is retained. */
export interface LogView {
  include: LogPattern;
  exclude: LogPattern;
  /** As `status>=500 order_id=42`. */
  fields: string;
  /** The least grave level that is shown; undefined: all lines. */
  level?: LogLevel;
  hiddenHosts: string[];
  hiddenSources: string[];
  /** ms since the epoch, the first one that is shown. */
  from?: number;
  /** ms since the epoch, the first one that is no longer shown. */
  to?: number;
  highlight: LogPattern;
  /** One timeline of all lines with this value. */
  correlate?: { field: string; value: string };
}

/** The boxes of a view in which something can be wrong. */
export type ViewBox = 'include' | 'exclude' | 'fields' | 'highlight';

export const timeModes = ['local', 'utc', 'ago', 'delta'] as const;
/** Of the time column: a time of day, the age, or what has passed since the line before. */
export type TimeMode = (typeof timeModes)[number];

/** How it is shown. */
export interface LogLook {
  wraps: boolean;
  /** Structured lines as they came, and not their message first. */
  isRaw: boolean;
  time: TimeMode;
  hasLegend: boolean;
  hasHistogram: boolean;
}

/** Characters of a line that look alike. Colours are ones of CSS. */
export interface LogPart {
  text: string;
  isMatch?: boolean;
  color?: string;
  background?: string;
  isBold?: boolean;
  isItalic?: boolean;
  isUnderlined?: boolean;
  /** A field beside the message of a structured line. */
  isMuted?: boolean;
  /** It names a place in source code, which can be opened. */
  isFrame?: boolean;
}

export type Tone = 'info' | 'warning' | 'error';

/** A row; `at` is its place from the oldest in this view, `id` its name in all views. */
export type LogRow = { at: number; id: number; time: number | undefined; isBookmarked: boolean } & (
  | {
      kind: 'line';
      /** Index into the legend's sources. */
      source: number;
      level: LogLevel | undefined;
      parts: LogPart[];
      /** What was cut off its end, in words; empty for nothing. */
      more: string;
      /** It came too late for its place by time. */
      isLate: boolean;
      isPinned: boolean;
    }
  | { kind: 'control'; tone: Tone; icon: string; text: string; source: number | undefined }
);

/** How the stream is and what the view holds; told ten times a second at most. */
export interface LogStatus extends RowStatus {
  isPaused: boolean;
  tone: Tone;
  /** The sources together. */
  state: string;
  count: string;
  /** What was dropped to keep to the bound; empty for nothing. */
  dropped: string;
  /** What is being done with what is retained, such as filtering; empty for nothing. */
  progress: string;
  /** Lines that came while the view was paused; empty without. */
  waiting: string;
  rate: string;
  /** How many lines the highlight matches; empty without a highlight. */
  matches: string;
  /** What is said where there is no row. */
  empty: string;
  /** It ended and can be begun again. */
  hasEnded: boolean;
  /** Lines that are pinned to be compared. */
  pinned: string;
}

/** Where lines come from: one file, journal or command of one host. */
export interface LegendSource {
  host: string;
  source: string;
  /** 0 to 5: which of the theme's chart colours. */
  color: number;
  tone: Tone;
  /** How it is, in words. */
  state: string;
}

/** Lines by time and level. */
export interface LogHistogram {
  /** ms since the epoch. */
  from: number;
  bucketMs: number;
  /** Of each level, and last of lines without one: as many as there are buckets. */
  counts: number[][];
}

/** The words of the panel that do not change. */
export interface LogWords {
  levels: Record<LogLevel, string>;
  /** For the column of levels: at most five letters. */
  shortLevels: Record<LogLevel, string>;
  anyLevel: string;
  /** `{0}`: a level. */
  atLeast: string;
  noLevel: string;
  include: string;
  exclude: string;
  fields: string;
  regex: string;
  highlight: string;
  next: string;
  previous: string;
  level: string;
  pause: string;
  resume: string;
  wrap: string;
  raw: string;
  legend: string;
  histogram: string;
  time: string;
  times: Record<TimeMode, string>;
  goTo: string;
  since: string;
  bookmarks: string;
  openInEditor: string;
  save: string;
  again: string;
  clearView: string;
  /** `{0}`: how many. */
  newLines: string;
  rows: string;
  keyboard: string;
  hosts: string;
  sources: string;
  filterHosts: string;
  showAll: string;
  only: string;
  late: string;
  bookmarked: string;
  pinnedLine: string;
  /** `{0}`: from, `{1}`: to. */
  range: string;
  /** `{0}`: from, `{1}`: to, `{2}`: lines, `{3}`: by level. */
  bucket: string;
  /** `{0}`: from, `{1}`: to. */
  emptyBucket: string;
  histogramKeyboard: string;
  /** `{0}`: field, `{1}`: value. */
  correlated: string;
  leave: string;
  openFrame: string;
  loading: string;
}

/** What can be done with the chosen lines. */
export const lineActions = [
  'copy',
  'openInEditor',
  'bookmark',
  'pin',
  'onlyHost',
  'correlate',
  'openFrame',
  'filterField',
] as const;
export type LineAction = (typeof lineActions)[number];

/** What can be done with the panel. */
export const panelActions = [
  'goTo',
  'since',
  'bookmarks',
  'openInEditor',
  'save',
  'again',
  'clearView',
] as const;
export type PanelAction = (typeof panelActions)[number];

/** What a page begins with. */
export interface LogsBeginning {
  words: LogWords;
  view: LogView;
  look: LogLook;
  legend: LegendSource[];
  state: unknown;
  /** Tells panels apart in the context of menus. */
  panel: number;
}

export interface LogsRequests {
  pause: { args: { isPaused: boolean }; result: void };
  /** `keep`: the line that is to stay in sight. */
  view: { args: { view: LogView; keep?: number }; result: void };
  look: { args: { look: LogLook }; result: void };
  find: { args: { what: 'match' | 'bookmark'; at: number; direction: 1 | -1 }; result: void };
  histogram: { args: { buckets: number }; result: { histogram: LogHistogram | undefined } };
  lines: { args: RowRange & { action: LineAction; id: number }; result: void };
  panel: { args: { action: PanelAction }; result: void };
  chosen: { args: { range: RowRange; id: number }; result: void };
}

export type LogsNews =
  | { type: 'legend'; legend: LegendSource[] }
  /** The view that was asked for; what is wrong in a box is not in use. */
  | { type: 'view'; view: LogView; problems: Partial<Record<ViewBox, string>> }
  | { type: 'look'; look: LogLook };

/** From the editor. */
export type ToLogs =
  | ({ type: 'begin' } & LogsBeginning)
  | RowNews<LogRow, LogStatus>
  | AnswerMessage<RowRequests<LogRow> & LogsRequests>
  | LogsNews;

/** From the panel. */
export type FromLogs = RequestMessage<RowRequests<LogRow> & LogsRequests>;
