import { z } from 'zod';
import { changeTypes, type PanelState } from '../../protocol/watchPanel';

/** What a page filters by. */
export const filterSchema = z.object({
  text: z.string(),
  isRegex: z.boolean(),
  types: z.array(z.enum(changeTypes)),
});

const panelStateSchema = z.object({
  cluster: z.string(),
  inventory: z.string(),
  identity: z.string(),
  prefix: z.base64(),
  isKey: z.boolean(),
  fromRevision: z.number().int().positive().optional(),
  changes: z.number().int().nonnegative().default(0),
  filter: filterSchema,
  isGrouped: z.boolean(),
});

/** What a page kept over a reload; undefined when it makes no sense, as after an update. */
export function readPanelState(stored: unknown): PanelState | undefined {
  const read = panelStateSchema.safeParse(stored);
  return read.success ? { fromRevision: undefined, ...read.data } : undefined;
}
