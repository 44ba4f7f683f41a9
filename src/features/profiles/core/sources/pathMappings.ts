/** Where sources lie on the machine of the profile, and where they do on this one. */
export interface PathMapping {
  from: string;
  to: string;
}

/** The path on this machine by the longest prefix that is mapped; prefixes end at a folder. */
export function mappedPath(path: string, mappings: readonly PathMapping[]): string | undefined {
  let best: { mapping: PathMapping; rest: string } | undefined;
  for (const mapping of mappings) {
    const rest = restBelow(path, mapping.from);
    if (rest !== undefined && mapping.from.length > (best?.mapping.from.length ?? -1))
      best = { mapping, rest };
  }
  if (!best) return undefined;
  return best.rest === '' ? best.mapping.to : `${withoutSlash(best.mapping.to)}/${best.rest}`;
}

/** The mapping that leads from one path to the other, as general as both allow: what they end with in common is left out. */
export function mappingBetween(remote: string, local: string): PathMapping | undefined {
  const common = commonSegments(remote, local);
  if (common === 0) return undefined;
  const cut = (path: string) => path.split('/').slice(0, -common).join('/');
  const [from, to] = [cut(remote), cut(local)];
  // The root of a relative path is no prefix that could be written down.
  return { from: from === '' ? (remote.startsWith('/') ? '/' : '.') : from, to: to === '' ? '/' : to };
}

/** Those of the paths that end like the given one, as long as none ends even more like it. */
export function closestPaths(path: string, candidates: readonly string[]): string[] {
  let most = 0;
  let closest: string[] = [];
  for (const candidate of candidates) {
    const common = commonSegments(path, candidate);
    if (common < most || common === 0) continue;
    if (common > most) closest = [];
    most = common;
    closest.push(candidate);
  }
  return closest;
}

/** How many names two paths end with in common. */
export function commonSegments(one: string, other: string): number {
  const [a, b] = [segments(one), segments(other)];
  let common = 0;
  while (common < Math.min(a.length, b.length) && a.at(-1 - common) === b.at(-1 - common)) common++;
  return common;
}

const segments = (path: string) => path.split('/').filter((name) => name !== '' && name !== '.');

function restBelow(path: string, prefix: string): string | undefined {
  if (prefix === '.' || prefix === './') return path.startsWith('/') ? undefined : path;
  const folder = withoutSlash(prefix);
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

const withoutSlash = (path: string) => path.replace(/\/+$/, '');
