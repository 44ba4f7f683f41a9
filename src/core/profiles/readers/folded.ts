import { t } from '../../l10n';
import { formatError } from '../formatError';
import type { Profile } from '../profile';
import { ProfileBuilder } from '../profileBuilder';
import { textLines } from '../textLines';

const weighted = /^(.*\S)\s+(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)$/;
/** `name (file.py:12)`, as py-spy writes it. */
const located = /^(.+) \((.+):(\d+)\)$/;

/** Whether a line is a stack with its weight. */
export const isFolded = (line: string) => weighted.test(line);

/**
 * Folded stacks: a line each, frames from the outermost on between semicolons, then a space and the weight
 * (brendangregg/FlameGraph's stackcollapse, `py-spy record --format raw`).
 * @throws MusterError FORMAT
 */
export function readFolded(bytes: Uint8Array): Profile {
  const builder = new ProfileBuilder('folded');
  const samples = builder.valueType('samples', 'count');
  const known = new Map<string, number>();
  for (const [number, line] of textLines(bytes)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const match = weighted.exec(line);
    if (!match)
      throw formatError(
        t('line {0} does not end with a weight', number),
        t('Each line is a stack with semicolons between its frames, a space and a number.'),
      );
    const stack = match[1]!.split(';').map((text) => {
      let frame = known.get(text);
      if (frame === undefined) known.set(text, (frame = frameOf(builder, text)));
      return frame;
    });
    builder.add(builder.stack(stack), samples, Number(match[2]));
  }
  return builder.finish();
}

function frameOf(builder: ProfileBuilder, text: string): number {
  const match = located.exec(text);
  return match ? builder.frame(match[1]!, match[2], Number(match[3])) : builder.frame(text);
}
