import { z } from 'zod';
import { t } from '../../../../../platform/l10n/l10n';
import type { Profile } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { callFrameSchema, frameOfCall } from './callFrame';

interface HeapNode {
  callFrame: z.infer<typeof callFrameSchema>;
  selfSize: number;
  children?: unknown[] | undefined;
}

const nodeSchema: z.ZodType<HeapNode> = z.object({
  callFrame: callFrameSchema,
  selfSize: z.number(),
  // Looked at one by one: trees deeper than the stack of calls are read, too.
  children: z.array(z.unknown()).optional(),
});

/** `HeapProfiler.SamplingHeapProfile` of V8's inspector protocol. */
export const heapProfileSchema = z.object({ head: nodeSchema });

/** V8's `.heapprofile`: what was allocated and is still there. @throws MusterError TOO_LARGE */
export function readHeapProfile({ head }: z.infer<typeof heapProfileSchema>): Profile {
  const builder = new ProfileBuilder('heapprofile');
  const size = builder.valueType('inuse_space', 'bytes');
  let damaged = 0;
  const open: { node: unknown; parent: number }[] = [{ node: head, parent: ProfileBuilder.root }];
  for (let next = open.pop(); next; next = open.pop()) {
    const read = nodeSchema.safeParse(next.node);
    if (!read.success) {
      damaged++;
      continue;
    }
    const { callFrame, selfSize, children = [] } = read.data;
    const isRoot = callFrame.functionName === '(root)';
    const place = isRoot ? next.parent : builder.child(next.parent, frameOfCall(builder, callFrame));
    builder.add(place, size, selfSize);
    for (const child of children) open.push({ node: child, parent: place });
  }
  builder.leftOut(
    damaged,
    t('{0} nodes of the call tree are damaged and were left out with what they call', damaged),
  );
  return builder.finish();
}
