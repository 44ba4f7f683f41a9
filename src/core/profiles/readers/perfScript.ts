import { t } from '../../l10n';
import { formatError } from '../formatError';
import type { Profile } from '../profile';
import { ProfileBuilder } from '../profileBuilder';
import { textLines } from '../textLines';

/** `comm pid/tid [cpu] seconds: period event:`, of which the processor and the period may be missing. */
const header =
  /^\s*(\S.*?)\s{1,40}(-?\d+)(?:\/\d+)?\s{1,40}(?:\[\d+\]\s{1,40})?(\d+\.\d+):\s{1,40}(?:(\d+)\s{1,40})?([^\s:]\S*?):/;
/** `address symbol+0x1f (object)`; the symbol may have brackets, and an object ` (deleted)`. */
const frameLine = /^\s+([0-9a-f]+)\s(.*\S)\s*$/;
const objectOf = /\s\(((?:[^()]|\([^()]*\))*)\)$/;

export const isPerfHeader = (line: string) => header.test(line);

/**
 * What `perf script` prints of `perf record -g`: a header for each sample, its frames from the innermost on, an empty
 * line. The command is the outermost frame. @throws MusterError FORMAT
 */
export function readPerfScript(bytes: Uint8Array): Profile {
  const builder = new ProfileBuilder('perf script');
  const samples = builder.valueType('samples', 'count');
  let sample: { stack: number[]; command: string; event: string; period: number } | undefined;
  const end = () => {
    if (!sample) return;
    const { stack, command, event, period } = sample;
    const node = builder.stack([builder.frame(command), ...stack.reverse()]);
    builder.add(node, samples, 1);
    if (period > 0) builder.add(node, builder.valueType(event, 'count'), period);
    sample = undefined;
  };
  for (const [number, line] of textLines(bytes)) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      end();
      continue;
    }
    const frame = sample && frameLine.exec(line);
    if (frame) {
      const [, address, rest] = frame;
      const place = objectOf.exec(rest!);
      const object = place?.[1];
      const name = rest!
        .slice(0, place?.index)
        .trim()
        .replace(/\+0x[0-9a-f]+$/, '');
      const shown = name === '[unknown]' ? (object ? `[${object.split('/').at(-1)}]` : `0x${address}`) : name;
      sample!.stack.push(builder.frame(shown, object));
      continue;
    }
    const head = header.exec(line);
    if (!head)
      throw formatError(
        t('line {0} is neither the head of a sample nor a frame', number),
        t('Write the file with: perf script > FILE'),
      );
    end();
    sample = { stack: [], command: head[1]!, period: Number(head[4] ?? 0), event: head[5]! };
  }
  end();
  return builder.finish();
}
