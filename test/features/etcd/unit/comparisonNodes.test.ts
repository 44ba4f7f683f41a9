import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../../src/features/etcd/core/compare/prefixDifferences';
import {
  ComparisonNodes,
  type FolderNode,
} from '../../../../src/features/etcd/editor/comparison/comparisonNodes';
import { cpuMs } from '../../../harness/cpuMs';

const key = (modRevision: number) => ({ modRevision, size: 1 });
const difference = (name: string, change: 'A' | 'M' | 'D', revision = 1): Difference => ({
  name: Buffer.from(name),
  left: change === 'D' ? undefined : key(revision),
  right: change === 'A' ? undefined : key(revision),
});
const nodesOf = (all: Difference[], separator = '/') =>
  new ComparisonNodes({ all, same: 0, leftRevision: 1, rightRevision: 1 }, Buffer.from(separator));
const labels = (nodes: ComparisonNodes, node: FolderNode = nodes.root) =>
  nodes.rowsOf(node).map((row) => {
    if (row.kind === 'more') return '…';
    return row.kind === 'difference'
      ? row.difference.name.toString()
      : `${row.name.toString()} ${row.to - row.from}`;
  });
const folder = (nodes: ComparisonNodes, index: number) => nodes.rowsOf(nodes.root)[index] as FolderNode;
const chosen = (nodes: ComparisonNodes) => nodes.chosenDifferences.map(({ name }) => name.toString());

describe('Differences as a tree', () => {
  const all = [
    difference('a', 'M'),
    difference('a/b', 'A'),
    difference('a/c/d', 'M'),
    difference('a/c/e', 'D'),
    difference('b/', 'A'),
    difference('z', 'D'),
  ];

  it('stand in folders that are counted', () => {
    const nodes = nodesOf(all);
    expect(labels(nodes)).toEqual(['a', 'a/ 3', 'b/ 1', 'z']);
    expect(labels(nodes, folder(nodes, 1))).toEqual(['a/b', 'a/c/ 2']);
    expect(nodes.countsOf(folder(nodes, 1))).toEqual({ add: 1, change: 1, remove: 1 });
    expect(labels(nodes, folder(nodes, 2))).toEqual(['b/']);
  });

  it('are chosen with their folder, removals only for themselves', () => {
    const nodes = nodesOf(all);
    nodes.choose([[folder(nodes, 1), true]]);
    expect(chosen(nodes)).toEqual(['a/b', 'a/c/d']);
    expect(nodes.isFolderChosen(folder(nodes, 1))).toBe(true);
    expect(nodes.isFolderChosen(nodes.root)).toBe(false);
    nodes.choose([[nodes.root, true]]);
    expect(chosen(nodes)).toEqual(['a', 'a/b', 'a/c/d', 'b/']);
    nodes.chooseRemovals();
    expect(chosen(nodes)).toHaveLength(6);
    nodes.choose([[folder(nodes, 1), false]]);
    expect(chosen(nodes)).toEqual(['a', 'b/', 'z']);
    expect(nodes.chosenCountsOf()).toEqual({ add: 1, change: 1, remove: 1 });
  });

  it('that are removals only are chosen with their folder', () => {
    const nodes = nodesOf([difference('a/b', 'D'), difference('a/c', 'D')]);
    nodes.choose([[folder(nodes, 0), true]]);
    expect(chosen(nodes)).toEqual(['a/b', 'a/c']);
    expect(nodes.isFolderChosen(nodes.root)).toBe(true);
  });

  it('stay chosen in another comparison where nothing was changed', () => {
    const before = nodesOf(all);
    before.choose([[before.root, true]]);
    const after = nodesOf([difference('a', 'M', 2), difference('a/b', 'A'), difference('new', 'A')]);
    after.keepChoiceOf(before);
    expect(chosen(after)).toEqual(['a/b']);
  });

  it('are shown a page at a time, a hundred thousand of them without a stall', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) =>
      difference(`${index < 50_000 ? 'x/' : 'y/'}${String(index).padStart(6, '0')}`, index % 2 ? 'A' : 'D'),
    );
    const nodes = nodesOf(many);
    expect(labels(nodes)).toEqual(['x/ 50000', 'y/ 50000']);
    const ms = await cpuMs(() => {
      expect(nodes.rowsOf(folder(nodes, 0))).toHaveLength(1_001);
      nodes.choose([[folder(nodes, 0), true]]);
    });
    expect(ms).toBeLessThan(500);
    nodes.showMore(folder(nodes, 0));
    expect(nodes.rowsOf(folder(nodes, 0))).toHaveLength(2_001);
    expect(nodes.chosenCountsOf()).toEqual({ add: 25_000, change: 0, remove: 0 });
  });
});
