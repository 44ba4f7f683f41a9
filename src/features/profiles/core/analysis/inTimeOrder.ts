import { gunzipSync } from 'node:zlib';
import { functionFrames } from './byFunction';
import { type Frame, functionKey, type Profile } from '../model/profile';
import { calledFrame } from '../formats/readers/callFrame';

/**
 * A file that has an order in time, for speedscope, which reads it by itself: all frames of a function are made alike,
 * since speedscope tells them apart by their lines, and not by function and file as we do.
 * @returns undefined where the file is not as its reader takes it
 */
export function inTimeOrder(bytes: Uint8Array, profile: Profile): Uint8Array | undefined {
  if (profile.format === 'perf script') return bytes;
  const functions = new Map(functionFrames(profile).map((frame) => [functionKey(frame), frame]));
  try {
    const file: unknown = JSON.parse(plainText(bytes));
    if (profile.format === 'speedscope') mergeFrames(file as SpeedscopeFile, functions);
    else mergeCalls(file, functions);
    if (profile.format === 'cpuprofile') orderSamples(file as CpuProfileFile);
    return Buffer.from(JSON.stringify(file));
  } catch {
    // Our own reader takes more than JSON.parse does, and a file that is nested too deep.
    return undefined;
  }
}

function plainText(bytes: Uint8Array): string {
  const plain =
    bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: 2 ** 28 }) : bytes;
  return new TextDecoder().decode(plain);
}

interface CallFrame {
  functionName: string;
  url?: string;
  lineNumber?: number;
  columnNumber?: number;
}

/** The functions of V8's profiles, wherever they stand in a trace. */
function mergeCalls(file: unknown, functions: ReadonlyMap<string, Frame>): void {
  const open = [file];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const child of Object.values(value)) if (typeof child === 'object') open.push(child);
    if (!('callFrame' in value)) continue;
    const call = value.callFrame as CallFrame;
    const shown = functions.get(functionKey(calledFrame(call)));
    if (!shown) continue;
    const { name, file: url = '', line = 0, column = 0 } = shown;
    Object.assign(call, { functionName: name, url, lineNumber: line - 1, columnNumber: column - 1 });
  }
}

interface CpuProfileFile {
  samples?: number[];
  timeDeltas?: number[];
  startTime?: number;
  endTime?: number;
}

/** Samples by their time, the last of them until the end, as our reader has them; speedscope leaves that end out. */
function orderSamples(file: CpuProfileFile): void {
  const { samples, timeDeltas, startTime = 0, endTime = startTime } = file;
  if (!samples || timeDeltas?.length !== samples.length || samples.length === 0) return;
  let time = startTime;
  const times = timeDeltas.map((delta) => (time += delta));
  const order = [...times.keys()].sort((a, b) => times[a]! - times[b]! || a - b);
  const last = order.at(-1)!;
  file.samples = [...order.map((at) => samples[at]!), samples[last]!];
  const sorted = [...order.map((at) => times[at]!), Math.max(times[last]!, endTime)];
  file.timeDeltas = sorted.map((at, index) => at - (index === 0 ? startTime : sorted[index - 1]!));
}

interface SpeedscopeFile {
  shared: { frames: (Omit<Frame, 'file'> & { file?: string | null })[] };
  profiles: { events?: { frame: number }[]; samples?: number[][] }[];
}

function mergeFrames({ shared, profiles }: SpeedscopeFile, functions: ReadonlyMap<string, Frame>): void {
  const merged = new Map<string, number>();
  const frames: SpeedscopeFile['shared']['frames'] = [];
  const numbers = shared.frames.map((frame) => {
    const key = functionKey({ name: frame.name, ...(frame.file && { file: frame.file }) });
    const number = merged.get(key) ?? frames.push({ ...frame, ...placeOf(functions.get(key)) }) - 1;
    merged.set(key, number);
    return number;
  });
  shared.frames = frames;
  for (const { events, samples } of profiles) {
    for (const event of events ?? []) event.frame = numbers[event.frame]!;
    for (const stack of samples ?? []) stack.forEach((frame, at) => (stack[at] = numbers[frame]!));
  }
}

const placeOf = (frame: Frame | undefined) => frame && { line: frame.line, col: frame.column };
