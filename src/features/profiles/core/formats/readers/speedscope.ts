import { z } from 'zod';
import { MusterError } from '../../../../../platform/errors/errors';
import { t } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import { isWeightless, type Profile, type ValueType } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { isTime, standardUnit, unitRatio, withDistinctNames } from '../../model/units';
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
  const sound = profiles.flatMap((one, index) => {
    const { data } = profileSchema.safeParse(one);
    return data ? [{ ...data, index, ...measured(data.unit) }] : [];
  });
  const damaged = profiles.length - sound.length;
  let refusal: MusterError | undefined;
  const valueTypes = withDistinctNames(
    areTypes ? sound.map(({ name, unit }) => ({ name, unit })) : threadTypes(sound),
  );
  const typeOf = (unit: string) => valueTypes.find((type) => unitRatio(unit, type.unit) !== undefined)!;
  for (const [at, { index, ...profile }] of sound.entries()) {
    const valueType = areTypes ? valueTypes[at]! : typeOf(profile.unit);
    const type = builder.valueType(valueType.name, valueType.unit);
    types[index] = type;
    const factor = profile.factor * unitRatio(profile.unit, valueType.unit)!;
    const add: AddWeight = (node, weight) => builder.add(node, type, weight * factor);
    const below = hasThreads
      ? builder.child(ProfileBuilder.root, builder.frame(profile.name))
      : ProfileBuilder.root;
    try {
      if (profile.type === 'evented') addEvents(builder, below, add, profile, frameAt);
      else addSamples(builder, below, add, profile, frameAt);
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

type AddWeight = (node: number, weight: number) => void;

const columnOf = ({ col }: z.infer<typeof frameSchema>) => (col ? { column: col } : {});

function addSamples(
  builder: ProfileBuilder,
  below: number,
  add: AddWeight,
  { samples, weights }: z.infer<typeof sampledSchema>,
  frameAt: (index: number) => number,
): void {
  const weightOf = weights.numbers();
  const stack: number[] = [];
  samples.forEach((scanner, sample) => {
    stack.length = 0;
    scanner.array(() => stack.push(frameAt(scanner.number())));
    add(builder.stack(stack, below), weightOf[sample] ?? NaN);
  });
}

function addEvents(
  builder: ProfileBuilder,
  below: number,
  add: AddWeight,
  { name, events, endValue }: z.infer<typeof eventedSchema>,
  frameAt: (index: number) => number,
): void {
  const nodes: number[] = [];
  const frames: number[] = [];
  let since = -Infinity;
  const passed = (at: number) => {
    if (nodes.length > 0 && at > since) add(nodes.at(-1)!, at - since);
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

/** What a unit stands for, and what weights in it are multiplied by. */
const measured = (unit: string) =>
  unit === 'none' || unit === '' ? { unit: 'count', factor: 1 } : standardUnit(unit);

/** The types of values of threads: those whose units measure the same are one, in the finest unit, so that nothing is rounded. */
function threadTypes(profiles: readonly { unit: string }[]): ValueType[] {
  const units: string[] = [];
  for (const { unit } of profiles) {
    const at = units.findIndex((other) => unitRatio(other, unit) !== undefined);
    if (at < 0) units.push(unit);
    else if (unitRatio(units[at]!, unit)! > 1) units[at] = unit;
  }
  return units.map((unit) => ({ name: nameOf(unit), unit }));
}

const nameOf = (unit: string) =>
  isTime(unit) ? 'time' : unit === 'bytes' ? 'space' : unit === 'count' ? 'samples' : unit;
