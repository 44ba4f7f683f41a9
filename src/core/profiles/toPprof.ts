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
import { functionKey, type Profile } from './profile';

/** A compressed pprof profile. Weights are whole numbers there, so that others are rounded. */
export async function toPprof({
  frames,
  valueTypes,
  defaultValueType,
  tree,
  labels,
}: Profile): Promise<Uint8Array> {
  const stringTable = new StringTable();
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
  const rest = tree.self.map((self) => Float64Array.from(self, Math.round));
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
  for (const [row, node] of labels?.node.entries() ?? []) {
    const value = labels!.weights.map((weights) => Math.round(weights[row]!));
    value.forEach((weight, index) => (rest[index]![node]! -= weight));
    add(node, value, sets![labels!.set[row]!]);
  }
  for (let node = 0; node < tree.frame.length; node++)
    add(
      node,
      rest.map((self) => self[node]!),
    );
  const encoded = new Encoded({
    ...{ stringTable, sample, location, function: [...functions.values()] },
    sampleType: valueTypes.map(
      ({ name, unit }) => new ValueType({ type: stringTable.dedup(name), unit: stringTable.dedup(unit) }),
    ),
    defaultSampleType: stringTable.dedup(valueTypes[defaultValueType]!.name),
  });
  return promisify(gzip)(encoded.encode());
}
