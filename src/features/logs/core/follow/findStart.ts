import { text } from 'node:stream/consumers';
import { Deadline } from '../../../../platform/batch/deadline';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import { printable } from '../../../../platform/text/printable';
import { globWord, shellQuote } from '../../../../platform/text/shellQuote';
import type { HostTransport } from '../../../../platform/transport/hostTransport';
import { openHostFile } from '../file/hostFile';
import { readZone, zoneWords } from '../recognise/logZone';
import { seekTime } from '../store/seekTime';

/** Milliseconds for finding the places in all files of a host. */
const limitMs = 60_000;

/** Where a file is to be read from. */
export interface StartPosition {
  inode: string;
  offset: number;
}

/** Where lines of `time` begin in the files that a path or glob names on a host, by path. @throws MusterError */
export async function findStart(
  transport: HostTransport,
  host: Host,
  path: string,
  time: number,
  signal: AbortSignal,
  become?: BecomeSettings,
): Promise<ReadonlyMap<string, StartPosition>> {
  const deadline = new Deadline(limitMs, signal);
  try {
    const list = `echo ${zoneWords()}; for p in ${globWord(path)}; do [ -f "$p" ] && LC_ALL=C ls -dLin -- "$p"; done`;
    const channel = await transport.exec(host, `exec sh -c ${shellQuote(list)}`, { deadline, become });
    channel.stderr.resume();
    const [zone = '', ...lines] = (await text(channel.stdout)).split('\n');
    const positions = new Map<string, StartPosition>();
    for (const line of lines) {
      const [, inode, file] = /^\s*(\d+) \S+ +\d+ +\d+ +\d+ +\d+ +\S+ +\S+ +\S+ (.+)$/.exec(line) ?? [];
      if (inode === undefined || file === undefined || printable(file, 4096) !== file) continue;
      const opened = await openHostFile(transport, host, file, deadline, become);
      try {
        positions.set(file, { inode, offset: await seekTime(opened, time, deadline, readZone(zone)) });
      } finally {
        await opened.close();
      }
    }
    return positions;
  } finally {
    deadline.dispose();
  }
}
