import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Who runs a source: one of the hosts, a page of the editor, or all, as the core. */
export type Room = 'core' | 'cli' | 'editor' | 'page';

const rooms: readonly [RegExp, Room][] = [
  [/(^|\/)cli(\/|\.ts$)/, 'cli'],
  [/(^|\/)webviews?\//, 'page'],
  [/(^|\/)(editor\/|(extension|composition)\.ts$)/, 'editor'],
];

/** Paths of the sources of a room, wherever its features lie. */
export async function sourcesIn(room: Room): Promise<string[]> {
  const paths = (await readdir('src', { recursive: true })).map((name) => join('src', name));
  const roomOf = (path: string) => rooms.find(([is]) => is.test(path))?.[1] ?? 'core';
  return paths.filter((path) => path.endsWith('.ts') && roomOf(path) === room);
}
