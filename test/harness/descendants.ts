import { readdir, readFile } from 'node:fs/promises';

/** Process ids of what a process started, and of what those did. */
export async function descendants(root: number): Promise<number[]> {
  const parents = await parentsOf();
  const found = [root];
  for (let index = 0; index < found.length; index++) {
    for (const [child, parent] of parents) if (parent === found[index]) found.push(child);
  }
  return found.slice(1);
}

/** The parent of each process. */
export async function parentsOf(): Promise<Map<number, number>> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => undefined);
    // "pid (name) state ppid …": the name may hold spaces and parentheses.
    const parent = status?.slice(status.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  return parents;
}
