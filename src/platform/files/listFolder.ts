import { opendir } from 'node:fs/promises';

/** The names in a folder, at most `most` of them, in no order. @throws what opening it throws */
export async function listFolder(folder: string, most: number): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder, { bufferSize: 256 })) {
    if (names.length >= most) break;
    names.push(name);
  }
  return names;
}
