import type { Profile } from './profile';
import { ProfileBuilder } from './profileBuilder';

/** A profile with the name of where it is from, such as a host. */
export interface NamedProfile {
  name: string;
  profile: Profile;
}

/** One profile of several, each below a frame with its name. @throws MusterError TOO_LARGE */
export function mergeProfiles(named: readonly NamedProfile[]): Profile {
  const builder = new ProfileBuilder(named[0]?.profile.format ?? 'folded');
  for (const { name, profile } of named) {
    const { frames, tree, valueTypes, notes } = profile;
    const types = valueTypes.map((type) => builder.valueType(type.name, type.unit));
    const numbers = frames.map((frame) => builder.frame(frame.name, frame.file, frame.line, frame));
    for (const [frame, ticks] of profile.ticks ?? [])
      for (const [line, count] of ticks) builder.tick(numbers[frame]!, line, count);
    const places = new Int32Array(tree.frame.length);
    places[0] = builder.child(ProfileBuilder.root, builder.frame(name));
    for (let node = 0; node < places.length; node++) {
      if (node > 0) places[node] = builder.child(places[tree.parent[node]!]!, numbers[tree.frame[node]!]!);
      types.forEach((type, index) => {
        const weight = tree.self[index]![node]!;
        if (weight !== 0) builder.add(places[node]!, type, weight);
      });
    }
    const { labels } = profile;
    const sets = labels?.sets.map((set) => builder.labels(set));
    for (const [row, node] of labels?.node.entries() ?? []) {
      const set = sets![labels!.set[row]!];
      if (set === undefined) continue;
      types.forEach((type, index) => builder.label(places[node]!, set, type, labels!.weights[index]![row]!));
    }
    builder.notes.push(...notes.map((note) => `${name}: ${note}`));
  }
  return builder.finish(named[0]?.profile.defaultValueType);
}
