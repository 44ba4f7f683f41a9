import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  Function as PprofFunction,
  Line,
  Location,
  Profile as Encoded,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { functionKey, type Profile } from './profile';

/** A compressed pprof profile. Weights are whole numbers there, so that others are rounded. */
export async function toPprof({ frames, valueTypes, defaultValueType, tree }: Profile): Promise<Uint8Array> {
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
  for (let node = 0; node < tree.frame.length; node++) {
    const value = tree.self.map((self) => Math.round(self[node]!));
    if (value.every((weight) => weight === 0)) continue;
    const locationId: number[] = [];
    for (let at = node; at > 0; at = tree.parent[at]!) locationId.push(tree.frame[at]! + 1);
    sample.push(new Sample({ locationId, value }));
  }
  const encoded = new Encoded({
    ...{ stringTable, sample, location, function: [...functions.values()] },
    sampleType: valueTypes.map(
      ({ name, unit }) => new ValueType({ type: stringTable.dedup(name), unit: stringTable.dedup(unit) }),
    ),
    defaultSampleType: stringTable.dedup(valueTypes[defaultValueType]!.name),
  });
  return promisify(gzip)(encoded.encode());
}
