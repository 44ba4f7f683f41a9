import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  Function as PprofFunction,
  Label as EncodedLabel,
  Line,
  Location,
  Profile as Encoded,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { pprofTypes, rounding } from '../model/pprofTypes';
import { functionKey, type Profile } from '../model/profile';

/** A compressed pprof profile. */
export async function toPprof(profile: Profile): Promise<Uint8Array> {
  const { frames, defaultValueType, tree, labels, recording } = profile;
  const types = pprofTypes(profile).map((type) => ({ ...type, round: rounding() }));
  const stringTable = new StringTable();
  const typeOf = ({ name, unit }: { name: string; unit: string }) =>
    new ValueType({ type: stringTable.dedup(name), unit: stringTable.dedup(unit) });
  const functions = new Map<string, PprofFunction>();
  const location = frames.map((frame, index) => {
    const key = functionKey(frame);
    const called =
      functions.get(key) ??
      new PprofFunction({
        id: functions.size + 1,
        name: stringTable.dedup(frame.name),
        systemName: stringTable.dedup(frame.name),
        filename: stringTable.dedup(frame.file ?? ''),
        startLine: frame.start ?? 0,
      });
    functions.set(key, called);
    return new Location({
      id: index + 1,
      line: [new Line({ functionId: called.id, line: frame.line ?? 0 })],
    });
  });
  const sample: Sample[] = [];
  const add = (node: number, value: number[], label: EncodedLabel[] = []) => {
    if (value.every((weight) => weight === 0)) return;
    const locationId: number[] = [];
    for (let at = node; at > 0; at = tree.parent[at]!) locationId.push(tree.frame[at]! + 1);
    sample.push(new Sample({ locationId, value, label }));
  };
  const written = (row: number) => types.map(({ weights, round }) => round(weights[row]!));
  const sets = labels?.sets.map((set) =>
    set.map(
      ({ key, value, unit = '' }) =>
        new EncodedLabel({
          key: stringTable.dedup(key),
          ...(typeof value === 'string'
            ? { str: stringTable.dedup(value) }
            : { num: value, numUnit: stringTable.dedup(unit) }),
        }),
    ),
  );
  const rows = labels?.node.length ?? 0;
  for (let row = 0; row < rows; row++) add(labels!.node[row]!, written(row), sets![labels!.set[row]!]);
  for (let node = 0; node < tree.frame.length; node++) add(node, written(rows + node));
  const periodType = recording?.periodType;
  const encoded = new Encoded({
    ...(recording && {
      ...{ timeNanos: recording.time, durationNanos: recording.duration, period: recording.period },
      comment: recording.comments.map((comment) => stringTable.dedup(comment)),
    }),
    ...(periodType && { periodType: typeOf(periodType) }),
    ...{ stringTable, sample, location, function: [...functions.values()] },
    sampleType: types.map(typeOf),
    defaultSampleType: stringTable.dedup(types[defaultValueType]!.name),
  });
  return promisify(gzip)(encoded.encode());
}
