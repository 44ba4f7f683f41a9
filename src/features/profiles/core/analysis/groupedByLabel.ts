import { t } from '../../../../platform/l10n/l10n';
import { labelText } from './labelWeights';
import type { Label, Profile } from '../model/profile';
import { ProfileBuilder } from '../model/profileBuilder';

/** The samples of each value of a label below a frame `key: value`, as pprof's `-tagroot` has them. @throws MusterError TOO_LARGE */
export function groupedByLabel(profile: Profile, key: string): Profile {
  const { frames, tree, labels, valueTypes, notes } = profile;
  const builder = new ProfileBuilder(profile.format);
  const types = valueTypes.map(({ name, unit }) => builder.valueType(name, unit));
  const numbers = frames.map((frame) => builder.frame(frame.name, frame.file, frame.line, frame));
  const copy = new StackCopy(profile, numbers, builder);
  const begin = (group: string) =>
    copy.begin(builder.child(ProfileBuilder.root, builder.frame(`${key}: ${group}`)));

  const rest = tree.self.map((self) => Float64Array.from(self));
  const groupOfSet = labels?.sets.map((set) => valuesText(set, key)) ?? [];
  const rowsOf = new Map<string, number[]>();
  labels?.set.forEach((set, row) => {
    const rows = rowsOf.get(groupOfSet[set]!);
    if (rows) rows.push(row);
    else rowsOf.set(groupOfSet[set]!, [row]);
  });
  for (const [group, rows] of rowsOf) {
    begin(group);
    for (const row of rows) {
      const node = labels!.node[row]!;
      const place = copy.of(node);
      const set = builder.labels(labels!.sets[labels!.set[row]!]!);
      for (const [index, type] of types.entries()) {
        const weight = labels!.weights[index]![row]!;
        rest[index]![node]! -= weight;
        builder.add(place, type, weight);
        if (set !== undefined) builder.label(place, set, type, weight);
      }
    }
  }
  const isLeft = (node: number) => rest.some((weights) => weights[node] !== 0);
  let hasBegun = false;
  for (let node = 0; node < tree.frame.length; node++) {
    if (!isLeft(node)) continue;
    if (!hasBegun) begin(noValue());
    hasBegun = true;
    for (const [index, type] of types.entries()) builder.add(copy.of(node), type, rest[index]![node]!);
  }
  builder.notes.push(...notes);
  const { idle, recording, sampled } = profile;
  return {
    ...{ ...builder.finish(profile.defaultValueType), idle, recording },
    ...(sampled && { sampled }),
  };
}

const noValue = () => t('(none)');

function valuesText(set: readonly Label[], key: string): string {
  const values = set.filter((label) => label.key === key).map((label) => labelText(key, label));
  return values.length === 0 ? noValue() : values.join(', ');
}

/** Copies stacks below one node after the other; what they begin with in common is walked once. */
class StackCopy {
  /** Where each node was copied to, and in which round. */
  private readonly places: Int32Array;
  private readonly rounds: Int32Array;
  private round = 0;

  constructor(
    private readonly profile: Profile,
    private readonly numbers: readonly number[],
    private readonly builder: ProfileBuilder,
  ) {
    this.places = new Int32Array(profile.tree.frame.length);
    this.rounds = new Int32Array(profile.tree.frame.length);
  }

  begin(below: number): void {
    this.rounds[0] = ++this.round;
    this.places[0] = below;
  }

  of(node: number): number {
    const { frame, parent } = this.profile.tree;
    const path: number[] = [];
    let at = node;
    for (; this.rounds[at] !== this.round; at = parent[at]!) path.push(at);
    let place = this.places[at]!;
    for (at = path.pop() ?? -1; at >= 0; at = path.pop() ?? -1) {
      place = this.builder.child(place, this.numbers[frame[at]!]!);
      this.places[at] = place;
      this.rounds[at] = this.round;
    }
    return place;
  }
}
