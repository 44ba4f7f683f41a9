import { z } from 'zod';
import { lineActions, type LogsRequests, panelActions } from '../../protocol/logsPanel';
import type { Schemas } from '../../../../shell/editor/panels/pageRequests';
import { rangeSchema } from '../../../../shell/editor/panels/rowFeed';
import { lookSchema, viewSchema } from './logOrder';

/** What the page of a logs panel may ask. */
export const logRequests: Schemas<LogsRequests> = {
  pause: z.object({ isPaused: z.boolean() }),
  view: z.object({ view: viewSchema, keep: z.int().optional() }),
  look: z.object({ look: lookSchema }),
  find: z.object({
    what: z.enum(['match', 'bookmark']),
    at: z.int(),
    direction: z.union([z.literal(1), z.literal(-1)]),
  }),
  histogram: z.object({ buckets: z.int() }),
  lines: rangeSchema.extend({ action: z.enum(lineActions), id: z.int() }),
  panel: z.object({ action: z.enum(panelActions) }),
  chosen: z.object({ range: rangeSchema, id: z.int() }),
};
