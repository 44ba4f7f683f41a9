import { z } from 'zod';
import { rowActions, type WatchRequests } from '../../protocol/watchPanel';
import type { Schemas } from '../../../../shell/editor/panels/pageRequests';
import { filterSchema } from './panelState';

/** What the page of a watch panel may ask. */
export const watchRequests: Schemas<WatchRequests> = {
  pause: z.object({ isPaused: z.boolean() }),
  filter: z.object({ filter: filterSchema }),
  group: z.object({ isGrouped: z.boolean() }),
  startFrom: z.object({}),
  startAgain: z.object({}),
  export: z.object({}),
  onlyKey: z.object({ seq: z.int() }),
  row: z.object({ seq: z.int(), action: z.enum(rowActions) }),
};
