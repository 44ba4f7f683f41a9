import { t } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import type { Profile } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';

/** A box and what is said of it, as flamegraph.pl, inferno and py-spy write them. */
const box = /<title>([^<]*)<\/title>\s*<rect\b([^>]*)>/g;
/** `name (1,234 samples, 5.67%)`; of a differential graph, `(…, 5.67%; +0.12%)`. */
const said = /^(.*) \(([\d,]+(?:\.\d+)?) ([^,()]+), [\d.]+%[^()]*\)$/s;
/** `name (file.py:12)`, as py-spy names frames. */
const located = /^(.+) \((.+):(\d+)\)$/s;

interface Box {
  name: string;
  weight: number;
  left: number;
  right: number;
  top: number;
  node: number;
}

export const isSvg = (begin: string) =>
  /^\s*(<\?xml|<!DOCTYPE svg|<svg|<!--)/.test(begin) && begin.includes('<svg');

/**
 * The picture of a flame graph: the texts of its boxes, and the stacks by where the boxes are. Nothing in it is run, nor
 * anything else of it looked at. @throws MusterError FORMAT
 */
export function readFlameGraphSvg(bytes: Uint8Array): Profile {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  const boxes: Box[] = [];
  let unit = 'samples';
  for (const [, title, attributes] of text.matchAll(box)) {
    const match = said.exec(withoutEntities(title!));
    const attribute = (name: string) =>
      Number(new RegExp(`\\s${name}="([-\\d.]+)%?"`).exec(attributes!)?.[1]);
    // inferno tells the exact place in samples, too.
    const exact = attribute('fg:w');
    const left = Number.isNaN(exact) ? attribute('x') : attribute('fg:x');
    const width = Number.isNaN(exact) ? attribute('width') : exact;
    const top = attribute('y');
    if (!match || !Number.isFinite(left + width + top)) continue;
    const [, name, weight, counted] = match;
    unit = counted!;
    boxes.push({
      name: name!,
      weight: Number(weight!.replaceAll(',', '')),
      left,
      right: left + width,
      top,
      node: 0,
    });
  }
  if (boxes.length === 0)
    throw formatError(
      t('the picture has no frames of a flame graph'),
      t(
        'Pictures of flamegraph.pl, inferno and py-spy are read; others lead back to the profile that they were made from.',
      ),
    );
  return profileOf(boxes, unit);
}

function profileOf(boxes: Box[], unit: string): Profile {
  const builder = new ProfileBuilder('svg');
  const isTime = ['ms', 'us', 'ns'].indexOf(unit);
  const type =
    unit === 'bytes'
      ? builder.valueType('space', 'bytes')
      : isTime >= 0
        ? builder.valueType('time', ['milliseconds', 'microseconds', 'nanoseconds'][isTime]!)
        : builder.valueType(unit, 'count');
  const rows = new Map<number, Box[]>();
  for (const one of boxes) {
    const row = rows.get(one.top);
    if (row) row.push(one);
    else rows.set(one.top, [one]);
  }
  // The row of the widest box is the outermost: at the bottom, or in an icicle at the top.
  const widest = boxes.reduce((most, one) => (one.right - one.left > most.right - most.left ? one : most));
  const tops = [...rows.keys()].sort((one, other) => one - other);
  const isIcicle = isOutermost(rows.get(tops[0]!)!, widest) && !isOutermost(rows.get(tops.at(-1)!)!, widest);
  if (!isIcicle) tops.reverse();
  let above: Box[] = [];
  const ownOf = new Map<Box, number>();
  for (const top of tops) {
    const row = rows.get(top)!.sort((one, other) => one.left - other.left);
    let at = 0;
    for (const one of row) {
      const middle = (one.left + one.right) / 2;
      while (at < above.length - 1 && above[at]!.right < middle) at++;
      const caller = above[at];
      const isAll = !caller && one.name === 'all';
      const match = located.exec(one.name);
      const frame = match
        ? builder.frame(match[1]!, match[2], Number(match[3]))
        : isAll
          ? -1
          : builder.frame(one.name);
      one.node = isAll ? ProfileBuilder.root : builder.child(caller?.node ?? ProfileBuilder.root, frame);
      ownOf.set(one, one.weight);
      if (caller) ownOf.set(caller, ownOf.get(caller)! - one.weight);
    }
    above = row;
  }
  for (const [{ node }, own] of ownOf) if (own > 0) builder.add(node, type, own);
  builder.notes.push(t('frames too narrow for the picture count as their callers'));
  return builder.finish();
}

const isOutermost = (row: readonly Box[], widest: Box) =>
  row.some(({ left, right }) => right - left >= 0.999 * (widest.right - widest.left));

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
