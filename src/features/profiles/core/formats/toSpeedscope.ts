import type { Frame, Profile } from '../model/profile';
import { exporter } from './readers/speedscope';

const units = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds', 'bytes'];

/** What speedscope calls the unit. */
export const speedscopeUnit = (unit: string) => (units.includes(unit) ? unit : 'none');

/** A frame as it stands in speedscope's file. */
export const speedscopeFrame = ({ name, file, line, column: col }: Frame) => ({ name, file, line, col });

/** speedscope's file, in parts; each type of values is one of its profiles. Weights below 0 are left out, as it requires. */
export function* toSpeedscope(profile: Profile, name: string): Generator<string> {
  const { frames, valueTypes, defaultValueType, tree } = profile;
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"${exporter}","name":${JSON.stringify(name)},`;
  yield `"activeProfileIndex":${defaultValueType},"shared":{"frames":[`;
  for (const [index, frame] of frames.entries())
    yield `${index > 0 ? ',' : ''}${JSON.stringify(speedscopeFrame(frame))}`;
  yield ']},"profiles":[';
  for (const [index, type] of valueTypes.entries()) {
    const self = tree.self[index]!;
    const nodes: number[] = [];
    let end = 0;
    for (let node = 1; node < self.length; node++) {
      if (!(self[node]! > 0)) continue;
      nodes.push(node);
      end += self[node]!;
    }
    const unit = speedscopeUnit(type.unit);
    yield `${index > 0 ? ',' : ''}{"type":"sampled","name":${JSON.stringify(type.name)},"unit":"${unit}","startValue":0,"endValue":${end},"samples":[`;
    for (const [at, node] of nodes.entries())
      yield `${at > 0 ? ',' : ''}[${stackOf(profile, node).join(',')}]`;
    yield '],"weights":[';
    for (const [at, node] of nodes.entries()) yield `${at > 0 ? ',' : ''}${self[node]}`;
    yield ']}';
  }
  yield ']}\n';
}

function stackOf({ tree }: Profile, node: number): number[] {
  const stack: number[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) stack.push(tree.frame[at]!);
  return stack.reverse();
}
