import { z } from 'zod';
import { t } from '../../l10n';
import { formatError } from '../formatError';
import type { Profile } from '../profile';
import { ProfileBuilder } from '../profileBuilder';
import { addCpuProfile, cpuNodeSchema, type CpuProfile } from './cpuProfile';
import { jsonArray } from './jsonArray';

const eventSchema = z.object({
  name: z.string().optional(),
  pid: z.union([z.number(), z.string()]).optional(),
  id: z.union([z.number(), z.string()]).optional(),
  args: z.unknown().optional(),
});

/** The Trace Event Format of Chrome; only the samples of V8 in it are read. */
export const chromeTraceSchema = z.object({ traceEvents: jsonArray });

const profileSchema = z.object({ data: z.object({ startTime: z.number().optional() }) });
const chunkSchema = z.object({
  data: z.object({
    cpuProfile: z
      .object({ nodes: z.array(cpuNodeSchema).optional(), samples: z.array(z.number()).optional() })
      .optional(),
    timeDeltas: z.array(z.number()).optional(),
  }),
});

/** The profiles in a trace, each below a frame of its process if there are several. @throws MusterError FORMAT, ZodError */
export function readChromeTrace({ traceEvents }: z.infer<typeof chromeTraceSchema>): Profile {
  const profiles = new Map<string, CpuProfile & { samples: number[]; timeDeltas: number[] }>();
  const profileOf = ({ pid, id }: z.infer<typeof eventSchema>) => {
    const name = `process ${pid ?? 0}, profile ${id ?? 0}`;
    const known = profiles.get(name) ?? { nodes: [], samples: [], timeDeltas: [] };
    profiles.set(name, known);
    return known;
  };
  traceEvents.values(eventSchema, (event) => {
    if (event.name === 'Profile') profileOf(event).startTime = profileSchema.parse(event.args).data.startTime;
    if (event.name !== 'ProfileChunk') return;
    const { cpuProfile, timeDeltas = [] } = chunkSchema.parse(event.args).data;
    const profile = profileOf(event);
    for (const node of cpuProfile?.nodes ?? []) profile.nodes.push(node);
    for (const sample of cpuProfile?.samples ?? []) profile.samples.push(sample);
    for (const delta of timeDeltas) profile.timeDeltas.push(delta);
  });
  if (profiles.size === 0)
    throw formatError(
      t('the trace has no samples of functions'),
      t('Record it with the category disabled-by-default-v8.cpu_profiler.'),
    );
  const builder = new ProfileBuilder('chrome trace');
  for (const [name, profile] of profiles) {
    const below =
      profiles.size > 1 ? builder.child(ProfileBuilder.root, builder.frame(name)) : ProfileBuilder.root;
    addCpuProfile(builder, below, profile);
  }
  return builder.finish();
}
