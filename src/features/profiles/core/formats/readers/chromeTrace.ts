import { z } from 'zod';
import { t } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import type { Profile } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { addCpuProfile, cpuNodeSchema, type CpuProfile, finishCpuProfile, LeftOut } from './cpuProfile';
import { jsonArray } from './jsonArray';

const number = z.number().optional().catch(undefined);
const name = z.union([z.number(), z.string()]).optional().catch(undefined);

/** Most events are of no profile: nothing else of them is looked at. */
const anyEvent = z.custom<{ name?: unknown }>((value) => typeof value === 'object' && value !== null);
const eventSchema = z.object({
  ...{ pid: name, tid: name, id: name, ts: number },
  args: z.unknown().optional(),
});
type TraceEvent = z.infer<typeof eventSchema>;

/** The Trace Event Format of Chrome; only the samples of V8 in it are read. */
export const chromeTraceSchema = z.object({ traceEvents: jsonArray });

const times = { startTime: number, endTime: number };
const timeDeltas = z.array(z.number()).optional();
const samplesSchema = z.object({
  ...{ ...times, timeDeltas },
  nodes: z.array(z.unknown()).optional(),
  samples: z.array(z.number()).optional(),
});
/** What events of profiles carry: the start, samples while they are recorded, or, up to Chrome 68, all of them at once. */
const argsSchema = z.object({
  data: z.object({ ...times, timeDeltas, cpuProfile: samplesSchema.optional() }).optional(),
});
type ProfileData = NonNullable<z.infer<typeof argsSchema>['data']>;
const profileEvents: ReadonlySet<unknown> = new Set(['Profile', 'ProfileChunk', 'CpuProfile']);

/** The profiles in a trace, each below a frame of its process if there are several. @throws MusterError FORMAT */
export function readChromeTrace({ traceEvents }: z.infer<typeof chromeTraceSchema>): Profile {
  const recordings = new Map<string, Recording>();
  const recordingOf = ({ pid = 0, tid = 0, id }: TraceEvent) => {
    const of = `process ${pid}, ${id === undefined ? `thread ${tid}` : `profile ${id}`}`;
    const known = recordings.get(of) ?? new Recording();
    recordings.set(of, known);
    return known;
  };
  let damaged = 0;
  const others = traceEvents.values(anyEvent, (one) => {
    if (!profileEvents.has(one.name)) return;
    const event = eventSchema.parse(one);
    const args = argsSchema.safeParse(event.args ?? {});
    // Chrome 141 and later write events without data.
    if (args.data?.data) recordingOf(event).add(event.ts, args.data.data);
    else if (!args.success) damaged++;
  });
  damaged += others;

  const left = new LeftOut();
  const sound: (readonly [name: string, profile: CpuProfile])[] = [];
  for (const [of, recording] of recordings) {
    // The end of a recording that began before the trace did: nothing says which functions its samples are of.
    if (recording.hasNodes) sound.push([of, recording.finish()]);
    else left.samples += recording.samples;
  }
  const builder = new ProfileBuilder('chrome trace');
  builder.leftOut(damaged, t('{0} events of the trace are damaged and were left out', damaged));
  if (traceEvents.isCut) builder.leftOut(1, t('the file breaks off: only what is before was read'));
  if (sound.length === 0)
    throw traceEvents.isCut
      ? formatError(
          t('the file breaks off before it has samples of functions'),
          t('If it was cut off, capture or copy it again.'),
        )
      : formatError(
          t('the trace has no samples of functions'),
          t('Record it with the category disabled-by-default-v8.cpu_profiler.'),
        );
  for (const [of, profile] of sound) {
    const below =
      sound.length > 1 ? builder.child(ProfileBuilder.root, builder.frame(of)) : ProfileBuilder.root;
    left.add(addCpuProfile(builder, below, profile));
  }
  for (const { damagedNodes } of recordings.values()) left.nodes += damagedNodes;
  return finishCpuProfile(builder, left);
}

/** The parts of a profile, as they come. */
class Recording {
  /** Samples, and nodes that are damaged, in all parts. */
  samples = 0;
  damagedNodes = 0;
  hasNodes = false;
  private startTime: number | undefined;
  private endTime: number | undefined;
  private readonly parts: { ts: number; data: ProfileData }[] = [];

  add(ts: number | undefined, data: ProfileData): void {
    this.startTime = data.startTime ?? data.cpuProfile?.startTime ?? this.startTime;
    this.endTime = data.endTime ?? data.cpuProfile?.endTime ?? this.endTime;
    const { nodes = [], samples = [] } = data.cpuProfile ?? {};
    this.samples += samples.length;
    this.hasNodes ||= nodes.length > 0;
    // Without a time it stays behind what was before it in the file.
    this.parts.push({ ts: ts ?? this.parts.at(-1)?.ts ?? 0, data });
  }

  /** The profile as a whole. Threads of Chrome write when they can, which is not the order of time. */
  finish(): CpuProfile {
    const nodes: CpuProfile['nodes'] = [];
    const samples = new Float64Array(this.samples);
    const timeDeltas = new Float64Array(this.samples).fill(NaN);
    let length = 0;
    for (const { data } of this.parts.sort((one, other) => one.ts - other.ts)) {
      const { cpuProfile } = data;
      for (const node of cpuProfile?.nodes ?? []) {
        const read = cpuNodeSchema.safeParse(node);
        if (read.success) nodes.push(read.data);
        else this.damagedNodes++;
      }
      const some = cpuProfile?.samples ?? [];
      samples.set(some, length);
      timeDeltas.set((data.timeDeltas ?? cpuProfile?.timeDeltas ?? []).slice(0, some.length), length);
      length += some.length;
    }
    return { nodes, samples, timeDeltas, startTime: this.startTime, endTime: this.endTime };
  }
}
