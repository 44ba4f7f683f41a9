import { z } from 'zod';
import { MusterError } from '../../errors';
import { t } from '../../l10n';
import { formatError } from '../formatError';
import { isWeightless, type Profile } from '../profile';
import { ProfileBuilder } from '../profileBuilder';
import { jsonArray } from './jsonArray';
import type { JsonScanner } from './jsonScanner';

const common = { name: z.string().catch(''), unit: z.string() };
const frameSchema = z.object({
  ...{ name: z.string(), file: z.string().nullish() },
  ...{ line: z.number().nullish(), col: z.number().nullish() },
});
const eventedSchema = z.object({
  ...{ ...common, type: z.literal('evented'), events: jsonArray },
  endValue: z.number().optional(),
});
const sampledSchema = z.object({
  ...common,
  type: z.literal('sampled'),
  weights: jsonArray,
  samples: jsonArray,
});

const profileSchema = z.discriminatedUnion('type', [eventedSchema, sampledSchema]);

/** speedscope's own format (github.com/jlfwong/speedscope/blob/main/src/lib/file-format-spec.ts). */
export const speedscopeSchema = z.object({
  exporter: z.string().optional().catch(undefined),
  // Looked at one by one: one that is damaged is left out.
  shared: z.object({ frames: z.array(z.unknown()) }),
  profiles: z.array(z.unknown()),
  activeProfileIndex: z.number().nullish().catch(undefined),
});

type SpeedscopeFile = z.infer<typeof speedscopeSchema>;

/** What Muster writes: its profiles are the types of values of the same stacks. */
export const exporter = 'muster';

/**
 * Several profiles are threads, each below a frame with its name; those that Muster wrote are types of values. Of one
 * whose events make no sense from somewhere on, what is before is read. @throws MusterError FORMAT
 */
export function readSpeedscope({ shared, profiles, activeProfileIndex, ...file }: SpeedscopeFile): Profile {
  const builder = new ProfileBuilder('speedscope');
  const frames = shared.frames.map((one) => {
    const { data } = frameSchema.safeParse(one);
    return data && builder.frame(data.name, data.file ?? undefined, data.line ?? undefined, columnOf(data));
  });
  let unknownFrames = 0;
  const frameAt = (index: number) => {
    const frame = frames[index];
    if (frame !== undefined) return frame;
    unknownFrames++;
    return builder.frame('[unknown]');
  };
  const areTypes = file.exporter?.startsWith(exporter) ?? false;
  const hasThreads = profiles.length > 1 && !areTypes;
  const types: number[] = [];
  let damaged = 0;
  let refusal: MusterError | undefined;
  for (const [index, one] of profiles.entries()) {
    const { data: profile } = profileSchema.safeParse(one);
    if (!profile) {
      damaged++;
      continue;
    }
    const unit = profile.unit === 'none' ? 'count' : profile.unit;
    const type = builder.valueType(areTypes ? profile.name : nameOf(unit), unit);
    types[index] = type;
    const below = hasThreads
      ? builder.child(ProfileBuilder.root, builder.frame(profile.name))
      : ProfileBuilder.root;
    try {
      if (profile.type === 'evented') addEvents(builder, below, type, profile, frameAt);
      else addSamples(builder, below, type, profile, frameAt);
    } catch (error) {
      if (!MusterError.is(error, 'FORMAT')) throw error;
      refusal ??= error;
      builder.leftOut(
        1,
        t('“{0}” is only read up to where it makes no sense: {1}', profile.name, error.message),
      );
    }
  }
  builder.leftOut(damaged, t('{0} profiles of the file are damaged and were left out', damaged));
  builder.leftOut(
    unknownFrames,
    t('{0} frames of stacks are not in the file, or damaged: they are named “[unknown]”', unknownFrames),
  );
  if (types.length === 0 && damaged > 0)
    throw formatError(builder.notes[0]!, t('Capture or export the profile again.'));
  const profile = builder.finish(areTypes ? types[activeProfileIndex ?? 0] : 0);
  if (refusal && isWeightless(profile)) throw refusal;
  return profile;
}

const columnOf = ({ col }: z.infer<typeof frameSchema>) => (col ? { column: col } : {});

function addSamples(
  builder: ProfileBuilder,
  below: number,
  type: number,
  { samples, weights }: z.infer<typeof sampledSchema>,
  frameAt: (index: number) => number,
): void {
  const weightOf = weights.numbers();
  const stack: number[] = [];
  samples.forEach((scanner, sample) => {
    stack.length = 0;
    scanner.array(() => stack.push(frameAt(scanner.number())));
    builder.add(builder.stack(stack, below), type, weightOf[sample] ?? NaN);
  });
}

function addEvents(
  builder: ProfileBuilder,
  below: number,
  type: number,
  { name, events, endValue }: z.infer<typeof eventedSchema>,
  frameAt: (index: number) => number,
): void {
  const nodes: number[] = [];
  const frames: number[] = [];
  let since = -Infinity;
  const passed = (at: number) => {
    if (nodes.length > 0 && at > since) builder.add(nodes.at(-1)!, type, at - since);
    since = at;
  };
  let kind = '';
  let frame = NaN;
  let at = NaN;
  const read = (key: string, scanner: JsonScanner) => {
    if (key === 'at') at = scanner.number();
    else if (key === 'frame') frame = scanner.number();
    else if (key === 'type') kind = scanner.text();
  };
  events.forEach((scanner, index) => {
    kind = '';
    frame = at = NaN;
    scanner.object(read);
    if (!(at >= since)) throw formatError(t('event {0} of “{1}” is before the one before it', index, name));
    passed(at);
    if (kind === 'O') {
      nodes.push(builder.child(nodes.at(-1) ?? below, frameAt(frame)));
      frames.push(frame);
    } else if (kind !== 'C')
      throw formatError(t('event {0} of “{1}” neither opens nor closes a frame', index, name));
    else if (nodes.pop() === undefined || frames.pop() !== frame)
      throw formatError(t('event {0} of “{1}” closes a frame that is not open', index, name));
  });
  if (nodes.length > 0) passed(Math.max(since, endValue ?? since));
}

const nameOf = (unit: string) => (unit === 'bytes' ? 'space' : unit === 'count' ? 'samples' : 'time');
