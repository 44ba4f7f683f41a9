import { type Frame, type Profile } from '../model/profile';

/** Folded stacks of one type of values, a line each; frames with a file end with `(file:line)`, as py-spy writes them. */
export function* toFolded(profile: Profile, valueType = profile.defaultValueType): Generator<string> {
  const { frames, tree } = profile;
  const names = frames.map(nameOf);
  const self = tree.self[valueType]!;
  const path: string[] = [];
  for (let node = 1; node < self.length; node++) {
    if (self[node] === 0) continue;
    path.length = 0;
    for (let at = node; at > 0; at = tree.parent[at]!) path.push(names[tree.frame[at]!]!);
    yield `${path.reverse().join(';')} ${self[node]}\n`;
  }
}

/** Semicolons and line breaks would be read as something else. */
function nameOf({ name, file, line }: Frame): string {
  const text = file !== undefined && line !== undefined ? `${name} (${file}:${line})` : name;
  return (
    text
      .replace(/;/g, ':')
      .replace(/[\r\n]+/g, ' ')
      .trim() || '(anonymous)'
  );
}
