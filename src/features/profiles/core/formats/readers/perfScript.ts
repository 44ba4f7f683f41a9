import { t } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import type { Profile } from '../../model/profile';
import { ProfileBuilder } from '../../model/profileBuilder';
import { textLines } from '../textLines';

/** The head of a sample: `command pid/tid [cpu] seconds: period event: rest`, of which perf prints what `-F` names. */
interface Head {
  command: string;
  period: number;
  event: string;
  rest: string;
}

/** Characters of a line in which a head is looked for. */
const maxHead = 4096;
const time = /(?:^|\s)\d+\.\d+:(?=\s|$)/;
/** What is before the time; a letter says where the processor was (`-F +misc`). */
const beforeTime =
  /^\s*(.*?)(?:(?:^|\s)\s{0,40}-?\d+(?:\/-?\d+)?)?(?:\s{1,40}\[\d+\])?(?:\s{1,40}[KUHGgMDES]{1,3})?\s*$/;
const afterTime = /^\s*(?:(\d+)(?:\s+|$))?(?:(\S+?):(?:\s+(.*))?)?$/;
const withoutTime =
  /^\s*(\S.*?)\s{1,40}-?\d+(?:\/\d+)?\s{1,40}(?:\[\d+\]\s{1,40})?(?:(\d+)\s{1,40})?([a-z]\S*?):(?:\s+(.*))?$/i;
const modifiers = /:[ukhGHpPSDIWeb]{1,8}$/;

/** `address symbol+0x1f (object)`; the symbol may have brackets, and an object ` (deleted)`. */
const frameLine = /^\s+([0-9a-f]+)(?:\s(.*\S))?\s*$/;
const frameInHead = /^([0-9a-f]+)\s(.*\))\s*$/;
const objectOf = /\s\(((?:[^()]|\([^()]*\))*)\)$/;
/** `file.c:12` below a frame (`-F +srcline`); `object[address]` and `??:0` where it is not known. */
const sourceLine = /^\s+(\S.*?)(?::(\d+)(?:\s\(discriminator \d+\))?|\[[0-9a-f]+\])$/;
/** What perf writes of what happened beside the samples, such as `PERF_RECORD_LOST lost 12`. */
const record = /(?:^|\s)PERF_RECORD_[A-Z0-9_]+(?:.*\slost\s(\d+))?/;

function headOf(line: string): Head | undefined {
  // As frames do.
  if (line.startsWith('\t')) return undefined;
  const text = line.slice(0, maxHead);
  const at = time.exec(text);
  if (!at) {
    const match = withoutTime.exec(text);
    if (!match) return undefined;
    const [, command, period = '0', event, rest = ''] = match;
    if (rest !== '' && !frameInHead.test(rest)) return undefined;
    return { command: command!, period: Number(period), event: event!.replace(modifiers, ''), rest };
  }
  const before = beforeTime.exec(text.slice(0, at.index));
  const after = afterTime.exec(text.slice(at.index + at[0].length));
  if (!before || !after) return undefined;
  const [, period = '0', event = '', rest = ''] = after;
  return {
    ...{ command: before[1]!, period: Number(period) },
    ...{ event: event.replace(modifiers, ''), rest },
  };
}

/** Whether there is the head of a sample in the lines: one that has little to tell it by is followed by a frame. */
export function isPerfScript(lines: readonly string[]): boolean {
  return lines.some((line, index) => {
    const head = record.test(line) ? undefined : headOf(line);
    if (!head) return false;
    return (
      (head.event !== '' && time.test(line)) ||
      frameInHead.test(head.rest) ||
      frameLine.test(lines[index + 1] ?? '')
    );
  });
}

/**
 * What `perf script` prints of `perf record`: a head for each sample, its frames from the innermost on, an empty line;
 * without `-g`, the only frame on the line of the head. The command is the outermost frame. @throws MusterError FORMAT
 */
export function readPerfScript(bytes: Uint8Array): Profile {
  const builder = new ProfileBuilder('perf script');
  const samples = builder.valueType('samples', 'count');
  let sample: (Head & { stack: number[] }) | undefined;
  /** The last frame, of which the next line may say the source. */
  let frame: PerfFrame | undefined;
  let read = 0;
  let left = 0;
  let firstLeft = 0;
  let lost = 0;
  const endFrame = (file = frame?.object, line?: number) => {
    if (frame) sample?.stack.push(builder.frame(frame.name, file, line));
    frame = undefined;
  };
  const endSample = () => {
    endFrame();
    if (!sample) return;
    const { stack, command, event, period } = sample;
    if (command !== '' || stack.length === 0) stack.push(builder.frame(command || '[unknown]'));
    const node = builder.stack(stack.reverse());
    builder.add(node, samples, 1);
    if (period > 0) builder.add(node, builder.valueType(event || 'period', 'count'), period);
    sample = undefined;
  };
  for (const [number, line] of textLines(bytes)) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      endSample();
      continue;
    }
    const said = record.exec(line);
    if (said) {
      endSample();
      lost += Number(said[1] ?? 0);
      continue;
    }
    const head = headOf(line);
    const source = frame && sourceLine.exec(line);
    let match: RegExpExecArray | null;
    if (head) {
      endSample();
      sample = { ...head, stack: [] };
      // Speedscope reads neither of these.
      if (head.event === '' || !time.test(line)) builder.isOwnDialect = true;
      // What follows a tracepoint are its values.
      const only = head.event.includes(':') ? null : frameInHead.exec(head.rest);
      if (only) {
        frame = perfFrame(only[1]!, only[2]!);
        builder.isOwnDialect = true;
      }
      read++;
    } else if (sample && (match = frameLine.exec(line))) {
      endFrame();
      frame = perfFrame(match[1]!, match[2] ?? '');
      read++;
    } else if (source) {
      builder.isOwnDialect = true;
      if (source[2] === undefined || Number(source[2]) === 0) endFrame();
      else endFrame(source[1], Number(source[2]));
    } else if (left++ === 0) firstLeft = number;
  }
  endSample();
  if (left > read)
    throw formatError(
      t(
        '{0} of {1} lines are neither the head of a sample nor a frame, the first of them is line {2}',
        ...[left, left + read, firstLeft],
      ),
      t('Write the file with: perf script > FILE'),
    );
  builder.leftOut(
    left,
    t(
      '{0} lines are neither the head of a sample nor a frame and were left out, the first of them is line {1}',
      ...[left, firstLeft],
    ),
  );
  builder.leftOut(lost, t('perf lost {0} events while it recorded', lost));
  return builder.finish();
}

interface PerfFrame {
  name: string;
  object: string | undefined;
}

function perfFrame(address: string, rest: string): PerfFrame {
  const place = objectOf.exec(rest);
  // What is inlined, and what perf does not know, is in no file.
  const object = /^(?:inlined|\[unknown\])$/.test(place?.[1] ?? '') ? undefined : place?.[1];
  const name = rest
    .slice(0, place?.index)
    .trim()
    .replace(/\+0x[0-9a-f]+$/, '');
  if (name !== '' && name !== '[unknown]') return { name, object };
  if (object !== undefined) return { name: `[${object.split('/').at(-1)}]`, object };
  return { name: place ? '[unknown]' : `0x${address}`, object };
}
