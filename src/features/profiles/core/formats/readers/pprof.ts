import { type Label as EncodedLabel, Profile as Encoded } from 'pprof-format';
import { t } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import type { Label, Profile, Recording } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { standardUnit, withDistinctNames } from '../../model/units';
import { hasLongNumber } from './pprofNumbers';

/**
 * pprof's protocol buffer, not compressed (github.com/google/pprof/blob/main/proto/profile.proto). Inlined frames are
 * frames of their own. @throws MusterError FORMAT
 */
export function readPprof(bytes: Uint8Array): Profile {
  const encoded = decode(bytes);
  const { strings } = encoded.stringTable;
  const text = (index: number | bigint) => strings[Number(index)] ?? '';
  const builder = new ProfileBuilder('pprof');
  const units = encoded.sampleType.map(({ unit }) => standardUnit(text(unit)));
  const types = withDistinctNames(
    encoded.sampleType.map(({ type }, index) => ({ name: text(type), unit: units[index]!.unit })),
  ).map(({ name, unit }) => builder.valueType(name, unit));
  if (types.length === 0) throw formatError(t('the profile names no type of its samples'));

  const functions = new Map(encoded.function.map((one) => [Number(one.id), one]));
  const mappings = new Map(encoded.mapping.map((one) => [Number(one.id), one]));
  /** The frames of a location, the outermost first. */
  const framesOf = new Map<number, number[]>();
  for (const { id, line, address, mappingId } of encoded.location) {
    const frames = line.map(({ functionId, line: number }) => {
      const called = functions.get(Number(functionId));
      const name = called ? text(called.name) || text(called.systemName) : '';
      return builder.frame(name || hexadecimal(address), called && text(called.filename), signed(number), {
        start: signed(called?.startLine ?? 0),
      });
    });
    if (frames.length === 0) {
      const mapping = mappings.get(Number(mappingId));
      frames.push(builder.frame(hexadecimal(address), mapping && text(mapping.filename)));
    }
    framesOf.set(Number(id), frames.reverse());
  }

  let unknown = 0;
  const labelSets = new Map<string, number | undefined>();
  const labelsOf = (labels: readonly EncodedLabel[]): number | undefined => {
    if (labels.length === 0) return undefined;
    const id = labels.map(({ key, str, num, numUnit }) => `${key} ${str} ${num} ${numUnit}`).join();
    if (!labelSets.has(id)) labelSets.set(id, builder.labels(labels.flatMap((one) => plain(one, text))));
    return labelSets.get(id);
  };
  for (const { locationId, value, label } of encoded.sample) {
    const stack: number[] = [];
    // A location that is repeated may stand for more than memory holds: what is deeper would be cut in any case.
    for (let index = locationId.length - 1; index >= 0 && stack.length <= ProfileBuilder.maxDepth; index--) {
      const frames = framesOf.get(Number(locationId[index]));
      if (!frames) unknown++;
      else for (const frame of frames) stack.push(frame);
    }
    const node = builder.stack(stack);
    const labels = labelsOf(label);
    types.forEach((type, index) => {
      if (index >= value.length) return;
      const weight = signed(value[index]!) * units[index]!.factor;
      builder.add(node, type, weight);
      if (labels !== undefined) builder.label(node, labels, type, weight);
    });
  }
  if (unknown > 0) builder.notes.push(t('{0} locations of samples are not in the profile', unknown));
  const wanted = types.findIndex(
    (_, index) => text(encoded.sampleType[index]!.type) === text(encoded.defaultSampleType),
  );
  return {
    ...builder.finish(types[wanted >= 0 ? wanted : types.length - 1]),
    recording: recordingOf(encoded, text),
  };
}

function recordingOf(encoded: Encoded, text: (index: number | bigint) => string): Recording {
  const { timeNanos, durationNanos, period, periodType, comment } = encoded;
  return {
    ...{ time: int64(timeNanos), duration: int64(durationNanos), period: int64(period) },
    ...(periodType && { periodType: { name: text(periodType.type), unit: text(periodType.unit) } }),
    comments: comment.map(text),
  };
}

/** A label is a text or a number; one without either is none. */
function plain({ key, str, num, numUnit }: EncodedLabel, text: (index: number | bigint) => string): Label[] {
  if (str) return [{ key: text(key), value: text(str) }];
  const unit = text(numUnit);
  return num || numUnit ? [{ key: text(key), value: signed(num), ...(unit && { unit }) }] : [];
}

function decode(bytes: Uint8Array): Encoded {
  if (hasLongNumber(bytes)) throw formatError(t('the file is not a pprof profile, or only a part of one'));
  try {
    return Encoded.decode(bytes);
  } catch (error) {
    throw formatError(t('the file is not a pprof profile, or only a part of one'), undefined, error);
  }
}

/** An int64: the decoder takes it for one without a sign. */
const int64 = (number: number | bigint) => BigInt.asIntN(64, BigInt(number));
const signed = (number: number | bigint) => (typeof number === 'bigint' ? Number(int64(number)) : number);

const hexadecimal = (address: number | bigint) => `0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;
