import { appliedChange, type AppliedChange } from '../../core/compare/applyDifferences';
import { entryBelow } from '../../core/keys/keyFolders';
import type { Difference, Differences } from '../../core/compare/prefixDifferences';

/** Rows that are shown below a folder before more are asked for. */
const pageSize = 1_000;

interface Range {
  /** Its differences, in order, are those from here up to, but without, `to`. */
  readonly from: number;
  readonly to: number;
}

export interface FolderNode extends Range {
  readonly kind: 'root' | 'folder';
  readonly parent: FolderNode | undefined;
  /** What the names in it begin with, separator included. */
  readonly name: Buffer;
  rows?: (FolderNode | DifferenceNode)[];
  shown: number;
}

export interface DifferenceNode {
  readonly kind: 'difference';
  readonly parent: FolderNode;
  readonly index: number;
  readonly difference: Difference;
}

/** A row below which more are shown. */
export interface MoreNode {
  readonly kind: 'more';
  readonly parent: FolderNode;
}

export type ComparisonNode = FolderNode | DifferenceNode | MoreNode;

export type ChangeCounts = Record<AppliedChange, number>;

const changes: readonly AppliedChange[] = ['add', 'change', 'remove'];

/**
 * Differences as a tree of folders, and which of them were chosen. Folders are made when they are opened, and counts
 * are differences of sums, so that no row costs more than another.
 */
export class ComparisonNodes {
  readonly root: FolderNode;
  private readonly chosen: Uint8Array;
  /** How many of a kind come before an index. */
  private readonly sums: Record<AppliedChange, Uint32Array>;
  private readonly chosenSums: Record<AppliedChange, Uint32Array>;

  constructor(
    readonly differences: Differences,
    private readonly separator: Buffer,
  ) {
    const { length } = differences.all;
    this.root = {
      kind: 'root',
      parent: undefined,
      name: Buffer.alloc(0),
      from: 0,
      to: length,
      shown: pageSize,
    };
    this.chosen = new Uint8Array(length);
    const sums = () => new Uint32Array(length + 1);
    this.sums = { add: sums(), change: sums(), remove: sums() };
    this.chosenSums = { add: sums(), change: sums(), remove: sums() };
    this.sum(this.sums, () => 1);
  }

  rowsOf(node: FolderNode): ComparisonNode[] {
    node.rows ??= this.read(node);
    const { rows, shown } = node;
    return rows.length > shown ? [...rows.slice(0, shown), { kind: 'more', parent: node }] : rows;
  }

  showMore(node: FolderNode): void {
    node.shown += pageSize;
  }

  countsOf(node: Range = this.root): ChangeCounts {
    return countsIn(this.sums, node);
  }

  chosenCountsOf(node: Range = this.root): ChangeCounts {
    return countsIn(this.chosenSums, node);
  }

  isChosen(index: number): boolean {
    return this.chosen[index] === 1;
  }

  /** All in it but removals, which are chosen for themselves; where there is nothing else, the removals. */
  isFolderChosen(node: FolderNode): boolean {
    const [all, chosen] = [this.countsOf(node), this.chosenCountsOf(node)];
    const others = all.add + all.change;
    return others > 0
      ? chosen.add + chosen.change === others
      : all.remove > 0 && chosen.remove === all.remove;
  }

  /** Chooses what a row stands for: a folder with other changes leaves its removals out, and takes all of them back. */
  choose(rows: Iterable<readonly [FolderNode | DifferenceNode, boolean]>): void {
    for (const [row, isChosen] of rows) {
      if (row.kind === 'difference') this.chosen[row.index] = isChosen ? 1 : 0;
      else {
        const { add, change } = this.countsOf(row);
        const withRemovals = !isChosen || add + change === 0;
        this.set(row, isChosen, (kind) => withRemovals || kind !== 'remove');
      }
    }
    this.sum(this.chosenSums, (index) => this.chosen[index]!);
  }

  chooseRemovals(node: FolderNode = this.root): void {
    this.set(node, true, (kind) => kind === 'remove');
    this.sum(this.chosenSums, (index) => this.chosen[index]!);
  }

  get chosenDifferences(): Difference[] {
    return this.differences.all.filter((_, index) => this.isChosen(index));
  }

  /** Chooses what was chosen in `before`, where it is still the same difference. */
  keepChoiceOf(before: ComparisonNodes): void {
    const known = new Map(before.chosenDifferences.map((one) => [idOf(one), one]));
    if (known.size === 0) return;
    for (const [index, difference] of this.differences.all.entries()) {
      const old = known.get(idOf(difference));
      if (old && isSame(old, difference)) this.chosen[index] = 1;
    }
    this.sum(this.chosenSums, (index) => this.chosen[index]!);
  }

  private read(node: FolderNode): (FolderNode | DifferenceNode)[] {
    const { all } = this.differences;
    const rows: (FolderNode | DifferenceNode)[] = [];
    for (let index = node.from; index < node.to;) {
      const difference = all[index]!;
      const { kind, bytes } = entryBelow(node.name, difference.name, this.separator);
      if (kind === 'key') {
        rows.push({ kind: 'difference', parent: node, index, difference });
        index++;
        continue;
      }
      const to = endOf(all, bytes, index, node.to);
      rows.push({ kind: 'folder', parent: node, name: bytes, from: index, to, shown: pageSize });
      index = to;
    }
    return rows;
  }

  private set({ from, to }: Range, isChosen: boolean, takes: (change: AppliedChange) => boolean): void {
    const { all } = this.differences;
    for (let index = from; index < to; index++)
      if (takes(appliedChange(all[index]!))) this.chosen[index] = isChosen ? 1 : 0;
  }

  private sum(sums: Record<AppliedChange, Uint32Array>, weight: (index: number) => number): void {
    for (const [index, difference] of this.differences.all.entries()) {
      for (const change of changes) sums[change][index + 1] = sums[change][index]!;
      sums[appliedChange(difference)][index + 1]! += weight(index);
    }
  }
}

function countsIn(sums: Record<AppliedChange, Uint32Array>, { from, to }: Range): ChangeCounts {
  const count = (change: AppliedChange) => sums[change][to]! - sums[change][from]!;
  return { add: count('add'), change: count('change'), remove: count('remove') };
}

/** Of what begins with `prefix`, which stands together. */
function endOf(all: readonly Difference[], prefix: Buffer, from: number, limit: number): number {
  let [low, high] = [from + 1, limit];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.name.subarray(0, prefix.length).equals(prefix)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function idOf({ name }: Difference): string {
  return name.toString('latin1');
}

function isSame(a: Difference, b: Difference): boolean {
  return (
    a.left?.modRevision === b.left?.modRevision &&
    a.left?.size === b.left?.size &&
    a.right?.modRevision === b.right?.modRevision
  );
}
