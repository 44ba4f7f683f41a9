import { t } from '../../l10n/l10n';
import type { Targets } from '../fragment';
import type { SourceRange } from '../model';
import { placeholdersIn, unknownPlaceholders } from './placeholders';
import { misplacedPlaceholders } from '../shell/shellLine';
import { suggest } from '../selection/suggest';
import { stringNodes, type Entry, type YamlSource } from './yamlSource';

/**
 * What the placeholders in an entry's texts need of hosts; undefined, and problems, if one is unknown or stands in a
 * command line where its value could become a part of the command.
 * @param commonKeys keys of texts without placeholders
 * @param commandLines keys of command lines for a shell
 */
export function placeholdersUsed(
  source: YamlSource,
  entry: Entry,
  commonKeys: readonly string[],
  commandLines: readonly string[] = [],
): Omit<Targets, 'on'> | undefined {
  const used: Omit<Targets, 'on'> = { labels: new Map(), commandLines: [] };
  const texts = source
    .entries(entry.value)
    .filter(({ key }) => !commonKeys.includes(key))
    .flatMap(({ key, value }) =>
      stringNodes(source, value).map((found) => ({ ...found, isShell: commandLines.includes(key) })),
    );
  let sound = true;
  for (const { node, text, isShell } of texts) {
    const unknown = unknownPlaceholders(text);
    const words = placeholdersIn(text);
    for (const word of words) {
      const range = source.rangeWithin(node, text.indexOf(`{${word}}`), word.length + 2);
      if (unknown.includes(word)) {
        sound = false;
        reportUnknown(source, word, range);
      } else if (word.startsWith('label.')) used.labels.set(word.slice('label.'.length), range);
    }
    if (!isShell || words.length === 0) continue;
    used.commandLines.push({ text, range: source.rangeOf(node) });
    for (const { message, offset, length } of misplacedPlaceholders(text)) {
      sound = false;
      source.add('error', message, source.rangeWithin(node, offset, length));
    }
  }
  return sound ? used : undefined;
}

function reportUnknown(source: YamlSource, word: string, range: SourceRange): void {
  const near = suggest(word, ['name', 'address', 'port']);
  const message = t(
    'unknown placeholder {0}: there are {name}, {address}, {port} and {label.X}; {1} is the plain text {0}',
    `{${word}}`,
    `{{${word}}}`,
  );
  source.add('error', message, range, near && `{${near}}`);
}
