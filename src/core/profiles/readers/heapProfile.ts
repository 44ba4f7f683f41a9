import { z } from 'zod';
import type { Profile } from '../profile';
import { ProfileBuilder } from '../profileBuilder';
import { callFrameSchema, frameOfCall } from './callFrame';

interface HeapNode {
  callFrame: z.infer<typeof callFrameSchema>;
  selfSize: number;
  children: unknown[];
}

const nodeSchema: z.ZodType<HeapNode> = z.object({
  callFrame: callFrameSchema,
  selfSize: z.number(),
  // Looked at one by one: trees deeper than the stack of calls are read, too.
  children: z.array(z.unknown()),
});

/** `HeapProfiler.SamplingHeapProfile` of V8's inspector protocol. */
export const heapProfileSchema = z.object({ head: nodeSchema });

/** V8's `.heapprofile`: what was allocated and is still there. @throws MusterError FORMAT, ZodError */
export function readHeapProfile({ head }: z.infer<typeof heapProfileSchema>): Profile {
  const builder = new ProfileBuilder('heapprofile');
  const size = builder.valueType('inuse_space', 'bytes');
  const open = [{ node: head, parent: ProfileBuilder.root }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { callFrame, selfSize, children } = next.node;
    const isRoot = callFrame.functionName === '(root)';
    const place = isRoot ? next.parent : builder.child(next.parent, frameOfCall(builder, callFrame));
    builder.add(place, size, selfSize);
    for (const child of children) open.push({ node: nodeSchema.parse(child), parent: place });
  }
  return builder.finish();
}
