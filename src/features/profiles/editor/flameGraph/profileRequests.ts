import { z } from 'zod';
import type { FlameGraphRequests } from '../../protocol/flameGraph';
import type { ComparisonRequests } from '../../protocol/profileComparison';
import type { Schemas } from '../../../../shell/editor/panels/pageRequests';

const frame = z.object({
  name: z.string(),
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
});

const drawing = z.object({
  wish: z.object({
    inTime: z.boolean().optional(),
    below: z.array(frame).optional(),
    label: z.object({ key: z.string(), value: z.string() }).optional(),
  }),
  width: z.number().positive(),
});

/** What the page of a flame graph may ask. */
export const flameGraphRequests: Schemas<FlameGraphRequests> = {
  ready: drawing,
  draw: drawing,
  failed: z.object({ message: z.string() }),
  export: z.object({ name: z.string(), text: z.string() }),
  open: z.object({ frame, beside: z.boolean() }),
  nothingSelected: z.object({ wanted: z.enum(['frame', 'folded']) }),
};

/** What the page of a comparison may ask. */
export const comparisonRequests: Schemas<ComparisonRequests> = {
  show: z.object({
    view: z.object({
      valueType: z.string().optional(),
      normalize: z.boolean().optional(),
      below: z.int().optional(),
    }),
  }),
  open: z.object({ frame: frame.omit({ column: true }) }),
  copy: z.object({}),
  swap: z.object({}),
};
