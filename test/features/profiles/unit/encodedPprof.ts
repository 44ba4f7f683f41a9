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
import type { Label } from '../../../../src/features/profiles/core/model/profile';

/** What a profile of pprof says beside its samples, or instead of them. */
export type PprofHead = Omit<NonNullable<ConstructorParameters<typeof Encoded>[0]>, 'stringTable'>;

/** A profile of pprof, of samples with their stacks, outermost function first, and their labels. */
export function pprofOf(
  samples: readonly (readonly [stack: string[], value: number, labels?: Label[]])[],
  type = { name: 'cpu', unit: 'nanoseconds' },
  head: (text: (value: string) => number) => PprofHead = () => ({}),
) {
  const stringTable = new StringTable();
  const text = (value: string) => stringTable.dedup(value);
  const names = [...new Set(samples.flatMap(([stack]) => stack))];
  const idOf = (name: string) => names.indexOf(name) + 1;
  const encoded = new Encoded({
    stringTable,
    function: names.map((name) => new PprofFunction({ id: idOf(name), name: text(name) })),
    location: names.map(
      (name) => new Location({ id: idOf(name), line: [new Line({ functionId: idOf(name), line: 1 })] }),
    ),
    sampleType: [new ValueType({ type: text(type.name), unit: text(type.unit) })],
    sample: samples.map(
      ([stack, value, labels = []]) =>
        new Sample({
          locationId: stack.map(idOf).reverse(),
          value: [value],
          label: labels.map(
            (label) =>
              new EncodedLabel({
                key: text(label.key),
                ...(typeof label.value === 'string'
                  ? { str: text(label.value) }
                  : { num: label.value, numUnit: text(label.unit ?? '') }),
              }),
          ),
        }),
    ),
    ...head(text),
  });
  return Buffer.from(encoded.encode());
}
