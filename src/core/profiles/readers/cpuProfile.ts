import { z } from 'zod';
import { t } from '../../l10n';
import { formatError } from '../formatError';
import type { Profile } from '../profile';
import { ProfileBuilder } from '../profileBuilder';
import { callFrameSchema, frameOfCall } from './callFrame';
import { jsonArray } from './jsonArray';

export const cpuNodeSchema = z.object({
  id: z.number(),
  callFrame: callFrameSchema,
  children: z.array(z.number()).optional(),
  parent: z.number().optional(),
  hitCount: z.number().optional(),
  positionTicks: z.array(z.object({ line: z.number(), ticks: z.number() })).optional(),
});

/** `Profiler.Profile` of V8's inspector protocol; times are microseconds. */
export const cpuProfileSchema = z.object({
  nodes: jsonArray,
  startTime: z.number().optional(),
  endTime: z.number().optional(),
  samples: jsonArray.optional(),
  timeDeltas: jsonArray.optional(),
});

/** A profile of V8, its long arrays as numbers. */
export interface CpuProfile {
  nodes: z.infer<typeof cpuNodeSchema>[];
  startTime?: number | undefined;
  endTime?: number | undefined;
  samples?: ArrayLike<number> | undefined;
  timeDeltas?: ArrayLike<number> | undefined;
}

/** V8's `.cpuprofile`. @throws MusterError FORMAT */
export function readCpuProfile(file: z.infer<typeof cpuProfileSchema>): Profile {
  const builder = new ProfileBuilder('cpuprofile');
  const nodes: CpuProfile['nodes'] = [];
  file.nodes.values(cpuNodeSchema, (node) => nodes.push(node));
  addCpuProfile(builder, ProfileBuilder.root, {
    ...{ nodes, startTime: file.startTime, endTime: file.endTime },
    samples: file.samples?.numbers(),
    timeDeltas: file.timeDeltas?.numbers(),
  });
  return builder.finish();
}

/** Adds a profile below a node. A sample lasts until the next one. */
export function addCpuProfile(
  builder: ProfileBuilder,
  below: number,
  { nodes, startTime = 0, endTime, samples, timeDeltas }: CpuProfile,
): void {
  const cpu = builder.valueType('cpu', 'microseconds');
  const count = builder.valueType('samples', 'count');
  const placeOf = lookUp(placeNodes(builder, below, nodes));
  if (!samples) {
    for (const { id, hitCount = 0 } of nodes) builder.add(placeOf(id)!, count, hitCount);
    return;
  }
  let time = startTime + (timeDeltas?.[0] ?? 0);
  for (let index = 0; index < samples.length; index++) {
    const node = placeOf(samples[index]!);
    if (node === undefined)
      throw formatError(t('sample {0} is of the node {1}, which is not there', index, samples[index]));
    builder.add(node, count, 1);
    if (!timeDeltas) continue;
    const next = timeDeltas[index + 1] ?? Math.max(0, (endTime ?? time) - time);
    // V8 orders samples of several threads by arrival, so that time may go back.
    builder.add(node, cpu, Math.max(0, next));
    time += next;
  }
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

/** Where the nodes stand in the tree, by their numbers; the root of V8 is the place that they are below. */
function placeNodes(builder: ProfileBuilder, below: number, nodes: CpuProfile['nodes']): Map<number, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const childrenOf = new Map<number, number[]>();
  const withParent = new Set<number>();
  const link = (parent: number, child: number) => {
    if (!byId.has(parent) || !byId.has(child))
      throw formatError(t('node {0} or its parent {1} is not there', child, parent));
    if (withParent.has(child)) return;
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
  if (places.size < byId.size) throw formatError(t('nodes of the profile are their own ancestors'));
  return places;
}
