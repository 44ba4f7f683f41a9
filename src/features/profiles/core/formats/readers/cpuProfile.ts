import { z } from 'zod';
import { t } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import { isWeightless, type Profile } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { callFrameSchema, frameOfCall } from './callFrame';
import { jsonArray } from './jsonArray';

const number = z.number().optional().catch(undefined);

export const cpuNodeSchema = z.object({
  id: z.number(),
  callFrame: callFrameSchema,
  children: z.array(z.number()).optional().catch(undefined),
  ...{ parent: number, hitCount: number },
  positionTicks: z
    .array(z.object({ line: z.number(), ticks: z.number() }))
    .optional()
    .catch(undefined),
});

/** `Profiler.Profile` of V8's inspector protocol; times are microseconds. */
export const cpuProfileSchema = z.object({
  nodes: jsonArray,
  ...{ startTime: number, endTime: number },
  samples: jsonArray.optional(),
  timeDeltas: jsonArray.optional(),
});

/** A profile of V8, its long arrays as numbers. */
export interface CpuProfile {
  nodes: z.infer<typeof cpuNodeSchema>[];
  /** Microseconds, as are all times; without both of them the last sample lasts no time. */
  startTime?: number | undefined;
  endTime?: number | undefined;
  samples?: ArrayLike<number> | undefined;
  /** From the start to the first sample, and from each sample to the next one. */
  timeDeltas?: ArrayLike<number> | undefined;
}

/** V8's `.cpuprofile`. @throws MusterError FORMAT */
export function readCpuProfile(file: z.infer<typeof cpuProfileSchema>): Profile {
  const builder = new ProfileBuilder('cpuprofile');
  const nodes: CpuProfile['nodes'] = [];
  const damaged = file.nodes.values(cpuNodeSchema, (node) => nodes.push(node));
  const left = addCpuProfile(builder, ProfileBuilder.root, {
    ...{ nodes, startTime: file.startTime, endTime: file.endTime },
    samples: file.samples?.numbers(),
    timeDeltas: file.timeDeltas?.numbers(),
  });
  // Those that others name are counted already.
  left.nodes = Math.max(left.nodes, damaged);
  return finishCpuProfile(builder, left);
}

/** How much of profiles could not be used. */
export class LeftOut {
  /** Nodes of the call tree that are damaged, not there, or their own ancestors. */
  nodes = 0;
  /** Samples of nodes that are not there. */
  samples = 0;
  /** Samples that lack the time until the next one. */
  times = 0;

  add({ nodes, samples, times }: LeftOut): void {
    this.nodes += nodes;
    this.samples += samples;
    this.times += times;
  }
}

/** Notes what was left out. @throws MusterError FORMAT if nothing is left */
export function finishCpuProfile(builder: ProfileBuilder, left: LeftOut): Profile {
  builder.leftOut(
    left.nodes,
    t('{0} nodes of the call tree are damaged or missing and were left out', left.nodes),
  );
  builder.leftOut(
    left.samples,
    t('{0} samples are of nodes that are not in the file and were left out', left.samples),
  );
  builder.leftOut(
    left.times,
    t('{0} samples have no time: they count as samples, but not in the time', left.times),
  );
  const profile = builder.finish();
  if (isWeightless(profile) && builder.isOwnDialect)
    throw formatError(builder.notes[0]!, t('Nothing else is in the file: capture the profile again.'));
  return profile;
}

/** Adds a profile below a node. */
export function addCpuProfile(
  builder: ProfileBuilder,
  below: number,
  { nodes, startTime, endTime, samples, timeDeltas }: CpuProfile,
): LeftOut {
  const left = new LeftOut();
  const { places, missing } = placeNodes(builder, below, nodes);
  left.nodes = missing + nodes.length - places.size;
  const placeOf = lookUp(places);
  if (!samples) {
    const count = builder.valueType('samples', 'count');
    for (const { id, hitCount = 0 } of nodes) {
      const node = placeOf(id);
      if (node !== undefined) builder.add(node, count, hitCount);
    }
    return left;
  }
  const lasting = timeDeltas?.length ? durations(samples.length, timeDeltas, startTime, endTime) : undefined;
  const cpu = lasting && builder.valueType('cpu', 'microseconds');
  const count = builder.valueType('samples', 'count');
  for (let index = 0; index < samples.length; index++) {
    const node = placeOf(samples[index]!);
    if (node === undefined) {
      left.samples++;
      continue;
    }
    builder.add(node, count, 1);
    if (cpu === undefined) continue;
    const time = lasting![index]!;
    if (Number.isFinite(time)) builder.add(node, cpu, time);
    else left.times++;
  }
  return left;
}

/**
 * How long each sample lasts: until the next one in time, and the last one until the end of the profile, if that is
 * known. V8 does not record samples in the order of time, so that deltas may be negative; DevTools sorts them, and so do
 * we (`sortSamples` of models/cpu_profile/CPUProfileDataModel.ts in ChromeDevTools/devtools-frontend). NaN where a time
 * is missing: the samples behind it keep their distances to each other.
 */
function durations(
  length: number,
  deltas: ArrayLike<number>,
  startTime: number | undefined,
  endTime: number | undefined,
): Float64Array {
  const lasting = new Float64Array(length).fill(NaN);
  // From the first sample on, which has less to be rounded than from the start.
  const times = new Float64Array(Math.min(length, deltas.length));
  let isSorted = true;
  for (let index = 1; index < times.length; index++) {
    const delta = deltas[index]!;
    lasting[index - 1] = delta;
    times[index] = times[index - 1]! + (Number.isFinite(delta) ? delta : 0);
    isSorted &&= !(delta < 0);
  }
  const order = isSorted ? undefined : inOrder(times);
  if (order) {
    lasting.fill(NaN);
    for (let place = 1; place < order.length; place++) {
      const [index, next] = [order[place - 1]!, order[place]!];
      lasting[index] = times[next]! - times[index]!;
    }
  }
  const last = order?.at(-1) ?? times.length - 1;
  if (last < 0 || deltas.length < length) return lasting;
  const rest = endTime! - startTime! - deltas[0]! - times[last]!;
  lasting[last] = rest > 0 ? rest : 0;
  return lasting;
}

/** The samples sorted by time; those of one moment stay as they were. */
function inOrder(times: Float64Array): Uint32Array {
  return Uint32Array.from(times, (_, index) => index).sort(
    (one, other) => times[one]! - times[other]! || one - other,
  );
}

/** Numbers of nodes are mostly the first whole ones: millions of samples find theirs in a column sooner than in a map. */
function lookUp(places: ReadonlyMap<number, number>): (id: number) => number | undefined {
  const column = new Int32Array(4 * places.size + 16).fill(-1);
  let areSmall = true;
  for (const [id, place] of places) {
    areSmall &&= Number.isInteger(id) && id >= 0 && id < column.length;
    if (areSmall) column[id] = place;
  }
  if (!areSmall) return (id) => places.get(id);
  return (id) => {
    const place = column[id];
    return place === undefined || place < 0 ? undefined : place;
  };
}

/**
 * Where the nodes stand in the tree, by their numbers; the root of V8 is the place that they are below, and so it is for
 * those whose parent is missing. Those that are their own ancestors have no place.
 */
function placeNodes(
  builder: ProfileBuilder,
  below: number,
  nodes: CpuProfile['nodes'],
): { places: Map<number, number>; missing: number } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const childrenOf = new Map<number, number[]>();
  const withParent = new Set<number>();
  const missing = new Set<number>();
  const link = (parent: number, child: number) => {
    const absent = [parent, child].find((id) => !byId.has(id));
    if (absent !== undefined) missing.add(absent);
    if (absent !== undefined || withParent.has(child)) return;
    withParent.add(child);
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(child);
    else childrenOf.set(parent, [child]);
  };
  for (const { id, children, parent } of nodes) {
    for (const child of children ?? []) link(id, child);
    if (parent !== undefined) link(parent, id);
  }
  const places = new Map<number, number>();
  const open = nodes.filter(({ id }) => !withParent.has(id)).map(({ id }) => ({ id, parent: below }));
  for (let next = open.pop(); next; next = open.pop()) {
    const { callFrame, positionTicks = [] } = byId.get(next.id)!;
    const isRoot = callFrame.functionName === '(root)';
    const frame = isRoot ? -1 : frameOfCall(builder, callFrame);
    const place = isRoot ? next.parent : builder.child(next.parent, frame);
    if (!isRoot) for (const { line, ticks } of positionTicks) builder.tick(frame, line, ticks);
    places.set(next.id, place);
    for (const child of childrenOf.get(next.id) ?? []) open.push({ id: child, parent: place });
  }
  return { places, missing: missing.size };
}
