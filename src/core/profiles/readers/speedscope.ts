import { z } from 'zod';
import { formatError } from '../formatError';
import type { Profile } from '../profile';
import { ProfileBuilder } from '../profileBuilder';

const common = { name: z.string().catch(''), unit: z.string() };
const frameSchema = z.object({
  ...{ name: z.string(), file: z.string().nullish() },
  ...{ line: z.number().nullish(), col: z.number().nullish() },
});
const eventSchema = z.object({ type: z.enum(['O', 'C']), frame: z.number(), at: z.number() });
const eventedSchema = z.object({
  ...{ ...common, type: z.literal('evented'), events: z.array(eventSchema) },
  endValue: z.number().optional(),
});
const sampledSchema = z.object({
  ...{ ...common, type: z.literal('sampled'), weights: z.array(z.number().nullable()) },
  samples: z.array(z.array(z.number())),
});

/** speedscope's own format (github.com/jlfwong/speedscope/blob/main/src/lib/file-format-spec.ts). */
export const speedscopeSchema = z.object({
  exporter: z.string().optional(),
  shared: z.object({
    frames: z.array(frameSchema),
  }),
  profiles: z.array(z.discriminatedUnion('type', [eventedSchema, sampledSchema])),
  activeProfileIndex: z.number().nullish(),
});

type SpeedscopeFile = z.infer<typeof speedscopeSchema>;

/** What Muster writes: its profiles are the types of values of the same stacks. */
export const exporter = 'muster';

/**
 * Several profiles are threads, each below a frame with its name; those that Muster wrote are types of values.
 * @throws MusterError FORMAT
 */
export function readSpeedscope({ shared, profiles, activeProfileIndex, ...file }: SpeedscopeFile): Profile {
  const builder = new ProfileBuilder('speedscope');
  const frames = shared.frames.map(({ name, file: path, line, col }) =>
    builder.frame(name, path ?? undefined, line ?? undefined, col ? { column: col } : {}),
  );
  const areTypes = file.exporter?.startsWith(exporter) ?? false;
  const hasThreads = profiles.length > 1 && !areTypes;
  for (const profile of profiles) {
    const unit = profile.unit === 'none' ? 'count' : profile.unit;
    const type = builder.valueType(areTypes ? profile.name : nameOf(unit), unit);
    const below = hasThreads
      ? builder.child(ProfileBuilder.root, builder.frame(profile.name))
      : ProfileBuilder.root;
    const frameAt = (index: number) => {
      const frame = frames[index];
      if (frame === undefined)
        throw formatError(`the profile “${profile.name}” names frame ${index}, which is not there`);
      return frame;
    };
    if (profile.type === 'evented') addEvents(builder, below, type, profile, frameAt);
    else
      profile.samples.forEach((sample, index) => {
        const node = builder.stack(sample.map(frameAt), below);
        builder.add(node, type, profile.weights[index] ?? NaN);
      });
  }
  return builder.finish(areTypes ? Math.min(activeProfileIndex ?? 0, profiles.length - 1) : 0);
}

function addEvents(
  builder: ProfileBuilder,
  below: number,
  type: number,
  { name, events, endValue }: z.infer<typeof eventedSchema>,
  frameAt: (index: number) => number,
): void {
  const open: { node: number; frame: number }[] = [];
  let since = events[0]?.at ?? 0;
  const passed = (at: number) => {
    const top = open.at(-1);
    if (top && at > since) builder.add(top.node, type, at - since);
    since = at;
  };
  events.forEach(({ type: kind, frame, at }, index) => {
    if (at < since) throw formatError(`event ${index} of “${name}” is before the one before it`);
    passed(at);
    if (kind === 'O') {
      open.push({ node: builder.child(open.at(-1)?.node ?? below, frameAt(frame)), frame });
    } else if (open.pop()?.frame !== frame)
      throw formatError(`event ${index} of “${name}” closes a frame that is not open`);
  });
  if (open.length > 0) passed(Math.max(since, endValue ?? since));
}

const nameOf = (unit: string) => (unit === 'bytes' ? 'space' : unit === 'count' ? 'samples' : 'time');
