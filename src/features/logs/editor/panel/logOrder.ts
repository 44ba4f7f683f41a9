import { z } from 'zod';
import type { LogOrigin } from '../../core/logSource';
import type { LogStart } from '../../core/logSession';
import { logLevels, type LogLook, type LogView, timeModes } from '../../protocol/logsPanel';

/** What a panel follows. It is kept over reloads, so it holds names only. */
export interface LogOrder {
  /** Id of the fleet; empty for a file of this machine. */
  inventory: string;
  hosts: string[];
  /** Names of sources of the inventory; empty with `origin`. */
  sources: string[];
  /** A source made up for the moment. */
  origin: LogOrigin | undefined;
  /** A file that is read where it is, whatever its size: of the one host, or of this machine. */
  file: string | undefined;
  start: LogStart;
  /** What is shown when it is opened, ms since the epoch. */
  at: number | undefined;
}

/** All that a panel needs to come back after a reload. */
export interface LogPanelState {
  order: LogOrder;
  view: LogView;
  look: LogLook;
}

const pattern = z.object({ text: z.string(), isRegex: z.boolean() });

/** What a page shows and how; it comes from the page. */
export const viewSchema = z.object({
  include: pattern,
  exclude: pattern,
  fields: z.string(),
  level: z.enum(logLevels).optional(),
  hiddenHosts: z.array(z.string()),
  hiddenSources: z.array(z.string()),
  from: z.number().optional(),
  to: z.number().optional(),
  highlight: pattern,
  correlate: z.object({ field: z.string(), value: z.string() }).optional(),
});

export const lookSchema = z.object({
  wraps: z.boolean(),
  // Pages of before have none.
  isRaw: z.boolean().default(false),
  time: z.enum(timeModes),
  hasLegend: z.boolean(),
  hasHistogram: z.boolean(),
});

const stateSchema = z.object({
  order: z.object({
    inventory: z.string(),
    hosts: z.array(z.string()),
    sources: z.array(z.string()),
    origin: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('file'), path: z.string() }),
        z.object({ kind: z.literal('journal'), unit: z.string().optional() }),
        z.object({ kind: z.literal('command'), command: z.string() }),
      ])
      .optional(),
    file: z.string().optional(),
    start: z.union([z.enum(['end', 'recent', 'beginning']), z.object({ time: z.number() })]),
    at: z.number().optional(),
  }),
  view: viewSchema,
  look: lookSchema,
});

/** What a page kept over a reload; undefined when it makes no sense, as after an update. */
export function readLogPanelState(stored: unknown): LogPanelState | undefined {
  const read = stateSchema.safeParse(stored);
  if (!read.success) return undefined;
  const { order, view, look } = read.data;
  return {
    order: { ...order, origin: order.origin, file: order.file, at: order.at },
    view,
    look,
  };
}

export const everything: LogView = {
  include: { text: '', isRegex: false },
  exclude: { text: '', isRegex: false },
  fields: '',
  level: undefined,
  hiddenHosts: [],
  hiddenSources: [],
  from: undefined,
  to: undefined,
  highlight: { text: '', isRegex: false },
  correlate: undefined,
};

export const plainLook: LogLook = {
  wraps: false,
  isRaw: false,
  time: 'local',
  hasLegend: true,
  hasHistogram: true,
};
