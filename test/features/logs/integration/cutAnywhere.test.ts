import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, rename, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Attempt, MisplacedFile } from '../../../../src/features/logs/core/follow/followed';
import { FollowedFiles } from '../../../../src/features/logs/core/follow/followFiles';
import { loaded, loader } from '../../../../src/features/logs/core/follow/remoteScript';
import type { OpenStream } from '../../../../src/features/logs/core/follow/streamBook';
import { until } from '../../../harness/until';
import { scratch } from './logFixture';

/** What a stream was given: its bytes, and a line where some may be missing. */
class Received {
  private readonly chunks: Buffer[] = [];

  readonly stream: OpenStream = {
    ...{ id: 0, feed: 0 },
    bytes: (bytes, start, end) => void this.chunks.push(Buffer.from(bytes.subarray(start, end))),
    event: ({ lost }) => {
      if (lost === null) this.chunks.push(Buffer.from('(gap)\n'));
    },
    state: () => {},
    zone: () => {},
    written: () => {},
  };

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  get isComplete(): boolean {
    return this.text.endsWith('the last\n');
  }
}

/** Runs a script as a host does, until `done`. */
async function run(
  { script }: Attempt,
  take: (chunk: Buffer) => void,
  done: () => Promise<unknown>,
): Promise<void> {
  const child = spawn('sh', ['-c', loader], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const closed = once(child, 'close');
  child.stdin.on('error', () => {});
  child.stdin.write(loaded(script));
  child.stdout.on('data', take);
  try {
    await done();
  } finally {
    child.stdin.destroy();
    await closed;
  }
}

const nonceOf = ({ script }: Attempt) => /^N=(\S+)/m.exec(script)![1]!;

const followed = (file: string, { stream }: Received, start: 'beginning' | 'end' = 'beginning') =>
  new FollowedFiles(file, start, true, () => stream);

/** Before each record, after its nonce, and within what comes between two of them, from the first line on. */
function cutsOf(output: string, nonce: string): number[] {
  const records = [...output.matchAll(new RegExp(nonce, 'g'))].map(({ index }) => index);
  return [...records, output.length]
    .flatMap((at, index, all) => [at, at + nonce.length, Math.floor((at + (all[index + 1] ?? at)) / 2)])
    .filter((at) => at > output.indexOf('line 1'));
}

/** What is received when the link is cut after so much of the output, and is back when all has been written. */
async function receivedWithCut(file: string, output: string, nonce: string, cut: number): Promise<string> {
  const received = new Received();
  const files = followed(file, received);
  const first = files.attempt(true);
  first.stdout(Buffer.from(output.replaceAll(nonce, nonceOf(first)).slice(0, cut)));
  while (!received.isComplete) {
    files.disconnected();
    const attempt = files.attempt(false);
    let isMisplaced = false;
    const take = (chunk: Buffer) => {
      if (isMisplaced) return;
      try {
        attempt.stdout(chunk);
      } catch (error) {
        if (!(error instanceof MisplacedFile)) throw error;
        isMisplaced = true;
      }
    };
    await run(attempt, take, () =>
      until(`the last line comes after a cut at ${cut}`, () => isMisplaced || received.isComplete),
    );
  }
  return received.text;
}

const linesOf = (part: string, count: number) =>
  Array.from({ length: count }, (_, line) => `line ${line} of ${part}\n`).join('');

async function renamed(file: string): Promise<void> {
  await rename(`${file}.1`, `${file}.2`).catch(() => {});
  await rename(file, `${file}.1`);
}

async function copied(file: string): Promise<void> {
  await copyFile(file, `${file}.1`);
  await truncate(file);
}

test.each([
  { how: 'renamed', rotate: renamed, parts: ['the second\n', 'the third\n'], gap: '' },
  // What was written between the copy and the cut is lost, if there was anything.
  { how: 'copied and cut', rotate: copied, parts: ['the second\n'], gap: '(gap)\n' },
])(
  'wherever the link is cut, no line of a file that is $how is there twice, or missing without a gap',
  async ({ rotate, parts, gap }) => {
    await using place = await scratch();
    const file = path.join(place.folder, 'app.log');
    const past = linesOf('the first', 12);
    await writeFile(file, past);
    const received = new Received();
    const attempt = followed(file, received).attempt(true);
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk.toString();
      attempt.stdout(chunk);
    };
    await run(attempt, take, async () => {
      await until('what was there has come', () => received.text === past);
      // All of this before the next look.
      await appendFile(file, linesOf('the first, later', 12));
      for (const part of parts) {
        await rotate(file);
        await appendFile(file, part);
      }
      await appendFile(file, 'the last\n');
      await until('all has come', () => received.isComplete);
    });
    const whole = `${past}${linesOf('the first, later', 12)}${gap}${parts.join('')}the last\n`;
    expect(received.text).toBe(whole);
    for (const cut of cutsOf(output, nonceOf(attempt))) {
      const text = await receivedWithCut(file, output, nonceOf(attempt), cut);
      expect(text, `cut after ${JSON.stringify(output.slice(0, cut))}`).toBe(whole);
    }
  },
);

test('a link that is lost before the place to begin is known leaves it where it was asked for', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, linesOf('the past', 3));
  const received = new Received();
  const files = followed(file, received, 'end');
  const first = files.attempt(true);
  first.stdout(Buffer.from(`${nonceOf(first)} hello +0000\n${nonceOf(first)} f 1 ${file}\n`));
  files.disconnected();
  const attempt = files.attempt(false);
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    attempt.stdout(chunk);
  };
  await run(attempt, take, async () => {
    await until('all has been read', () => output.includes(`${nonceOf(attempt)} l\n`));
    await appendFile(file, 'the last\n');
    await until('the last line comes', () => received.isComplete);
  });
  expect(received.text).toBe('the last\n');
});
