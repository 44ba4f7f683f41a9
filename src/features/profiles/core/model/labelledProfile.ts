import { hasLabel, type LabelFilter } from '../analysis/labelFilter';
import type { LabelRows, Profile } from './profile';

/** The profile of only the samples that have all of the labels; its nodes and frames keep their numbers. */
export function labelledProfile<Kind extends Profile>(profile: Kind, filters: readonly LabelFilter[]): Kind {
  if (filters.length === 0) return profile;
  const { tree, labels } = profile;
  const self = tree.self.map(({ length }) => new Float64Array(length));
  const isMeant = labels?.sets.map((set) => filters.every((filter) => hasLabel(set, filter)));
  const rows = labels && rowsWhere(labels, (row) => isMeant![labels.set[row]!]!);
  rows?.weights.forEach((weights, type) =>
    rows.node.forEach((node, row) => (self[type]![node]! += weights[row]!)),
  );
  return {
    ...profile,
    // What is looked up by the frames is of this profile only.
    frames: [...profile.frames],
    tree: { ...tree, self },
    // How much of these had the labels is not known any more.
    ...{ idle: undefined, sampled: undefined },
    ...(rows && { labels: rows }),
  };
}

function rowsWhere(labels: LabelRows, isKept: (row: number) => boolean): LabelRows {
  const kept = Int32Array.from(labels.node.keys()).filter(isKept);
  return {
    sets: labels.sets,
    node: kept.map((row) => labels.node[row]!),
    set: kept.map((row) => labels.set[row]!),
    weights: labels.weights.map((weights) => Float64Array.from(kept, (row) => weights[row]!)),
  };
}
