import { z } from 'zod';
import type { Profile } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { addCpuProfile, type CpuProfile, finishCpuProfile } from './cpuProfile';
import { jsonArray } from './jsonArray';

const number = z.number().optional().catch(undefined);
const nodeSchema = z.object({
  ...{ id: z.number(), functionName: z.string() },
  url: z.string().optional().catch(undefined),
  ...{ lineNumber: number, columnNumber: number, hitCount: number },
  // Looked at one by one: trees deeper than the stack of calls are read, too.
  children: z.array(z.unknown()).optional().catch(undefined),
});

/** What V8 wrote before its inspector: a tree of nodes, samples with times of their own, and start and end in seconds. */
export const oldCpuProfileSchema = z.object({
  head: nodeSchema,
  ...{ startTime: number, endTime: number },
  samples: jsonArray.optional(),
  timestamps: jsonArray.optional(),
});

/** A `.cpuprofile` of V8 up to Chrome 57 or of `v8-profiler`. @throws MusterError FORMAT */
export function readOldCpuProfile(file: z.infer<typeof oldCpuProfileSchema>): Profile {
  const nodes: CpuProfile['nodes'] = [];
  let damaged = 0;
  const open: { node: unknown; parent: number | undefined }[] = [{ node: file.head, parent: undefined }];
  for (let next = open.pop(); next; next = open.pop()) {
    const read = nodeSchema.safeParse(next.node);
    if (!read.success) {
      damaged++;
      continue;
    }
    const { id, functionName, url, lineNumber = 0, columnNumber = 0, hitCount, children = [] } = read.data;
    // Lines and columns count from 1 here.
    const callFrame = { functionName, url, lineNumber: lineNumber - 1, columnNumber: columnNumber - 1 };
    nodes.push({ id, callFrame, hitCount, parent: next.parent });
    for (const child of children) open.push({ node: child, parent: id });
  }
  const builder = new ProfileBuilder('cpuprofile');
  const left = addCpuProfile(builder, ProfileBuilder.root, {
    ...{ nodes, samples: file.samples?.numbers() },
    ...times(file),
  });
  left.nodes += damaged;
  return finishCpuProfile(builder, left);
}

const perSecond = 1e6;

/** Times as they are now: deltas, and microseconds throughout. */
function times({
  startTime = NaN,
  endTime,
  timestamps,
}: z.infer<typeof oldCpuProfileSchema>): Pick<CpuProfile, 'startTime' | 'endTime' | 'timeDeltas'> {
  const at = timestamps?.numbers() ?? new Float64Array();
  const start = startTime * perSecond;
  // Where the clocks are not the same, the end says nothing of the last sample.
  const isSameClock = at[0]! >= start;
  return {
    timeDeltas: at.map((time, index) => time - (index > 0 ? at[index - 1]! : isSameClock ? start : time)),
    ...(isSameClock && { startTime: start, endTime: endTime && endTime * perSecond }),
  };
}
