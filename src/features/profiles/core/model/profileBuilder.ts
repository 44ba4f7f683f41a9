import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { Column } from './column';
import { LabelRowsBuilder } from '../analysis/labelRowsBuilder';
import { Pairs } from './pairs';
import type { Frame, Label, Profile, ProfileFormat, ValueType } from './profile';
import { isBaseLabel } from './wholeWeight';

const maxNodes = 2 ** 24 - 1;
/** V8's maps hold twice as many. */
const maxFrames = 2 ** 23;
/** Weights, of every node for every type of values: 1 GiB. */
const maxWeights = 2 ** 27;

/** Gathers the stacks of a profile into a call tree. */
export class ProfileBuilder {
  static readonly root = 0;
  /** Frames of one stack; deeper ones are cut at their leaf end, and that is noted. */
  static readonly maxDepth = 100_000;
  readonly notes: string[] = [];
  private readonly frames: Frame[] = [];
  private readonly frameIds = new Map<string, number>();
  private readonly valueTypes: ValueType[] = [];
  /** For each type of values, without signs: all that was added, and what of it is of the base of a difference. */
  private readonly sampled: { whole: number; base: number; hasBelow: boolean }[] = [];
  private readonly baseSets = new Set<number>();
  private readonly selfs: Column<Float64Array>[] = [];
  /** Nodes by parent and frame. */
  private readonly nodes = new Pairs();
  private readonly labelRows = new LabelRowsBuilder();
  private readonly ticks = new Map<number, Map<number, number>>();
  /** The frames of the last stack and their nodes: the next one often begins alike. */
  private readonly last = { from: -1, length: 0, frames: [] as number[], nodes: [] as number[] };
  /** Another program draws the file wrong, or not at all. */
  isOwnDialect = false;
  private senseless = 0;
  private cut = 0;

  constructor(private readonly format: ProfileFormat) {
    this.nodes.numberOf(-1, -1);
  }

  /** The number of the frame, the same for the same place. @throws MusterError TOO_LARGE */
  frame(name: string, file?: string, line?: number, more: Pick<Frame, 'column' | 'start'> = {}): number {
    const { column, start } = more;
    const id = `${name}\0${file ?? ''}\0${line ?? ''}${column === undefined ? '' : `\0${column}`}`;
    const known = this.frameIds.get(id);
    if (known !== undefined) return known;
    if (this.frames.length === maxFrames) throw tooLarge(t('more than {0} different frames', maxFrames));
    const number =
      this.frames.push({
        ...{ name, ...(file && { file }), ...(line && line > 0 && { line }) },
        ...(column && column > 0 && { column }),
        ...(start && start > 0 && { start }),
      }) - 1;
    this.frameIds.set(id, number);
    return number;
  }

  /** The number of the value type, the same for the same one. */
  valueType(name: string, unit: string): number {
    const known = this.valueTypes.findIndex((other) => other.name === name && other.unit === unit);
    if (known >= 0) return known;
    this.selfs.push(Column.ofFloats());
    this.sampled.push({ whole: 0, base: 0, hasBelow: false });
    const number = this.valueTypes.push({ name, unit }) - 1;
    this.checkWeights(this.nodes.length);
    return number;
  }

  /** The node of a frame below another node. @throws MusterError TOO_LARGE */
  child(parent: number, frame: number): number {
    const node = this.nodes.numberOf(parent, frame);
    if (node === maxNodes) throw tooLarge(t('more than {0} different stacks', maxNodes));
    this.checkWeights(node);
    return node;
  }

  /** The node of a stack, outermost frame first. */
  stack(frames: readonly number[], from = ProfileBuilder.root): number {
    const { last } = this;
    const { maxDepth } = ProfileBuilder;
    const length = Math.min(frames.length, maxDepth);
    if (frames.length > maxDepth) this.cut++;
    let depth = 0;
    if (last.from === from) {
      const common = Math.min(length, last.length);
      while (depth < common && last.frames[depth] === frames[depth]) depth++;
    }
    let node = depth > 0 ? last.nodes[depth - 1]! : from;
    for (; depth < length; depth++) {
      node = this.child(node, frames[depth]!);
      last.frames[depth] = frames[depth]!;
      last.nodes[depth] = node;
    }
    last.from = from;
    last.length = length;
    return node;
  }

  /** Adds weight to a node; what is no finite number is left out and noted. */
  add(node: number, valueType: number, weight: number): void {
    if (!Number.isFinite(weight)) {
      this.senseless++;
      return;
    }
    this.selfs[valueType]!.add(node, weight);
    const sampled = this.sampled[valueType]!;
    sampled.whole += Math.abs(weight);
    sampled.hasBelow ||= weight < 0;
  }

  /** The number of a set of labels, the same for the same one; undefined for an empty one, and where there are too many. */
  labels(labels: readonly Label[]): number | undefined {
    if (labels.length === 0) return undefined;
    const set = this.labelRows.set(labels);
    if (set !== undefined && labels.some(isBaseLabel)) this.baseSets.add(set);
    return set;
  }

  /** Says of a part of the weight of a node which labels it has. */
  label(node: number, labels: number, valueType: number, weight: number): void {
    if (!Number.isFinite(weight)) return;
    this.labelRows.add(node, labels, valueType, weight);
    if (this.baseSets.has(labels)) this.sampled[valueType]!.base += Math.abs(weight);
    this.checkWeights(this.labelRows.length);
  }

  /** Notes what was left out or mended, if there is any of it. */
  leftOut(count: number, note: string): void {
    if (count === 0) return;
    this.notes.push(note);
    this.isOwnDialect = true;
  }

  /** Counts samples of a frame on a line. */
  tick(frame: number, line: number, count: number): void {
    if (!(line > 0 && count > 0)) return;
    const ticks = this.ticks.get(frame) ?? new Map<number, number>();
    this.ticks.set(frame, ticks.set(line, (ticks.get(line) ?? 0) + count));
  }

  /** What a file of a few bytes may ask for is not given. */
  private checkWeights(rows: number): void {
    if (rows * this.valueTypes.length > maxWeights)
      throw tooLarge(t('{0} types of values for {1} different stacks', this.valueTypes.length, rows));
  }

  /** @throws MusterError FORMAT if there is no value type, TOO_LARGE */
  finish(defaultValueType = 0): Profile {
    if (this.valueTypes.length === 0) throw new MusterError('FORMAT', t('the profile has no samples'));
    this.leftOut(this.senseless, t('{0} weights are not numbers and were left out', this.senseless));
    if (this.labelRows.unkept > 0)
      this.notes.push(
        t('labels of {0} samples were left out: there are too many different ones', this.labelRows.unkept),
      );
    if (this.cut > 0)
      this.notes.push(
        t('{0} stacks are deeper than {1} frames and were cut there', this.cut, ProfileBuilder.maxDepth),
      );
    const { length } = this.nodes;
    const labels = this.labelRows.finish(this.valueTypes.length);
    return {
      ...{ format: this.format, frames: this.frames, valueTypes: this.valueTypes, defaultValueType },
      tree: {
        frame: this.nodes.second.finish(),
        parent: this.nodes.first.finish(),
        self: this.selfs.map((self) => self.finish(length)),
      },
      ...(this.ticks.size > 0 && { ticks: this.ticks }),
      ...(labels && { labels }),
      ...(this.sampled.some(({ hasBelow }) => hasBelow) && {
        sampled: this.sampled.map(({ whole, base, hasBelow }) => (hasBelow ? { whole, base } : undefined)),
      }),
      ...(this.isOwnDialect && { isOwnDialect: true }),
      notes: this.notes,
    };
  }
}

function tooLarge(what: string): MusterError {
  return new MusterError('TOO_LARGE', t('the profile has {0}', what), {
    hint: t('Capture for a shorter time, or at a lower rate.'),
  });
}
