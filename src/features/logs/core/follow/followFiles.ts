import { randomBytes } from 'node:crypto';
import { errorReport, MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { FrameReader, nonceOf } from './frameReader';
import { type Attempt, type Followed, MisplacedFile } from './followed';
import { type LogZone, readZone } from '../recognise/logZone';
import { modificationTime, writtenBy } from './modificationTime';
import { fileScript, type ResumedFile } from './remoteScript';
import type { OpenStream } from './streamBook';

/** Bytes that are sent again after a reconnection, to see that the file is the one it was. */
const overlapBytes = 64;

/** A file as it was last read. */
interface FollowedFile {
  readonly path: string;
  readonly stream: OpenStream;
  inode: string;
  offset: number;
  /** The last bytes before `offset`. */
  tail: Buffer;
  /** Bytes that come again and are to be compared with the end of `tail`. */
  expected: Buffer | undefined;
  /** What comes is the rest of a copy, and is the file's only if it begins as expected. */
  copy: 'rest' | 'other' | undefined;
  recovered: number;
  /** What comes is nothing new, only to be compared with this. */
  check: { left: number; readonly bytes: Buffer } | undefined;
  /** It begins in the middle of a line, which is left out. */
  skipsLine: boolean;
  isResumed: boolean;
  lostTrack: boolean;
  /** It has been opened once. */
  wasRead: boolean;
  isDenied: boolean;
}

/** Followed files of one path or glob on one host, through one channel, across reconnections. */
export class FollowedFiles implements Followed {
  private readonly files = new Map<string, FollowedFile>();
  /** Of the present channel, by slot. */
  private slots: (FollowedFile | undefined)[] = [];
  private current: FollowedFile | undefined;
  private zone: LogZone = { offsetMs: 0 };
  private live = false;
  private hasCaughtUp = false;
  private finished = false;

  constructor(
    private readonly path: string,
    private readonly start: 'end' | 'recent' | 'beginning',
    private readonly follow: boolean,
    private readonly openStream: (label: string) => OpenStream,
    /** Where to begin in files that are known, by path. */
    private readonly positions: ReadonlyMap<string, { inode: string; offset: number }> = new Map(),
  ) {}

  attempt(isFirst: boolean): Attempt {
    const nonce = nonceOf(randomBytes(16).toString('hex'));
    const resumed = isFirst ? this.givenPositions() : this.knownPositions();
    this.slots = [];
    this.current = undefined;
    this.live = false;
    const reader = new FrameReader(nonce, {
      record: (kind, rest) => this.record(kind, rest, !isFirst),
      data: (bytes, start, end) => this.data(bytes, start, end),
    });
    // A file that was not there when all others were read is new.
    const start = this.hasCaughtUp ? 'beginning' : this.start;
    const { path, follow } = this;
    return {
      script: fileScript({ nonce, path, start, follow, resumed }),
      stdout: (chunk) => reader.push(chunk),
      isComplete: () => this.finished,
    };
  }

  get streams(): OpenStream[] {
    return [...this.files.values()].map(({ stream }) => stream);
  }

  /** A stream for what is followed before any file of it is known. */
  placeholder(): OpenStream {
    return this.fileOf(this.path, false).stream;
  }

  /** Ends what was begun by the connection that is lost. */
  disconnected(): void {
    for (const file of this.files.values()) {
      file.expected = undefined;
      file.copy = undefined;
      file.check = undefined;
    }
  }

  private givenPositions(): ResumedFile[] {
    return [...this.positions].map(([path, at]) => ({ path, ...at, overlap: 0 }));
  }

  private knownPositions(): ResumedFile[] {
    return [...this.files.values()]
      .filter(({ inode }) => inode !== '')
      .map(({ path, inode, offset, tail }) => ({
        ...{ path, inode, offset },
        overlap: Math.min(tail.length, offset),
      }));
  }

  private record(kind: string, rest: string, isResume: boolean): void {
    if (this.current?.check) {
      const { check, path } = this.current;
      if (check.left !== 0) throw new MisplacedFile(path);
      this.current.check = undefined;
    }
    this.current = undefined;
    if (kind === 'hello') return this.hello(rest);
    if (kind === 'l') return this.caughtUp();
    if (kind === 'x') {
      this.finished = true;
      for (const file of this.files.values()) this.finish(file);
      return;
    }
    const [slot = '', ...words] = rest.split(' ');
    if (kind === 'f') return this.appeared(Number(slot), rest.slice(slot.length + 1), isResume);
    const file = this.slots[Number(slot)];
    if (!file) return;
    if (kind === 'd') {
      this.current = file;
      file.stream.written(writtenBy(modificationTime(words[0] ?? '')));
    } else this.happened(kind, file, words);
  }

  /** Nothing more comes; what was not found is reported, for nobody waits for it. */
  private finish({ stream, wasRead, isDenied }: FollowedFile): void {
    if (wasRead) return stream.state('ended');
    const error = isDenied
      ? new MusterError('PRECONDITION', t('the file cannot be read: permission denied'), { phase: 'run' })
      : new MusterError('PRECONDITION', t('there is no such file'), {
          phase: 'run',
          hint: t('Give the path of a file, not of a directory, or a glob that matches files.'),
        });
    stream.state('failed', errorReport(error));
  }

  private hello(zone: string): void {
    this.zone = readZone(zone);
    for (const { stream } of this.files.values()) stream.zone(this.zone);
  }

  private appeared(slot: number, path: string, isResume: boolean): void {
    if (slot === 0) {
      // There is no such file yet: it is there to be seen that it is waited for.
      if (this.files.size === 0 || this.files.get(this.path)?.inode === '')
        this.placeholder().state('waiting');
      return;
    }
    const placeholder = this.files.get(this.path);
    if (placeholder?.inode === '' && path !== this.path) placeholder.stream.state('ended');
    const known = this.files.get(path);
    const file = known ?? this.fileOf(path, this.hasCaughtUp);
    this.slots[slot] = file;
    file.isResumed = isResume && known !== undefined && known.inode !== '';
    file.stream.state(this.live ? 'following' : 'reading');
  }

  private fileOf(path: string, isNew: boolean): FollowedFile {
    let file = this.files.get(path);
    if (!file) {
      const stream = this.openStream(path);
      file = {
        ...{ path, stream, inode: '', offset: 0, tail: Buffer.alloc(0) },
        ...{ expected: undefined, copy: undefined, recovered: 0, check: undefined, skipsLine: false },
        ...{ isResumed: false, lostTrack: false, wasRead: false, isDenied: false },
      };
      this.files.set(path, file);
      stream.zone(this.zone);
      if (isNew) stream.event({ kind: 'connected', text: t('a new file is followed') });
    }
    return file;
  }

  private happened(kind: string, file: FollowedFile, [first = '', second = '']: string[]): void {
    const { stream } = file;
    switch (kind) {
      case 'o':
        this.positioned(file, first, Number(second));
        break;
      case 'r':
        // It ended before what was read of it: the inode was that of another file.
        if (file.expected && file.expected.length > 0) this.lost(file);
        stream.event(
          { kind: 'rotated', text: t('rotated: another file has the name, the old one was read to its end') },
          true,
        );
        // Where it ended is kept: if the link is lost now, what was rotated after it is found by its inode.
        break;
      case 't':
        if (!file.lostTrack) file.recovered = 0;
        file.lostTrack = true;
        file.isResumed = false;
        break;
      case 'b':
        file.expected = file.tail.subarray(Math.max(0, file.tail.length - Number(first)));
        file.copy = 'rest';
        break;
      case 'c':
        file.check = { left: Number(first), bytes: file.tail };
        break;
      case 'e':
        file.copy = undefined;
        file.expected = undefined;
        break;
      case 'g':
        this.lost(file);
        break;
      case 'm':
        stream.state('waiting');
        break;
      case 'p':
        file.isDenied = true;
        stream.event({ kind: 'problem', text: t('the file cannot be read: permission denied') });
        break;
    }
  }

  /** What follows begins at this place of this file. */
  private positioned(file: FollowedFile, inode: string, offset: number): void {
    const { stream } = file;
    if (file.lostTrack) {
      file.lostTrack = false;
      const text =
        file.recovered > 0
          ? t(
              'truncated: the file was cut to a smaller size; {0} bytes more were read from its copy',
              file.recovered,
            )
          : t('truncated: the file was cut to a smaller size');
      stream.event({ kind: 'truncated', text, lost: null }, true);
    }
    const again = file.offset - offset;
    if (file.isResumed && inode === file.inode && again >= 0 && again <= file.tail.length) {
      file.expected = file.tail.subarray(file.tail.length - again);
      if (again === 0) this.resumed(file);
    } else {
      // The last bytes begin anywhere.
      file.skipsLine =
        file.inode === '' && offset > 0 && this.start === 'recent' && !this.positions.has(file.path);
      file.expected = undefined;
      file.tail = Buffer.alloc(0);
      file.offset = offset;
    }
    file.inode = inode;
    file.wasRead = true;
    if (this.live) stream.state('following');
  }

  private resumed(file: FollowedFile): void {
    file.isResumed = false;
    file.expected = undefined;
    file.stream.event({ kind: 'resumed', text: t('resumed, 0 lost'), lost: 0 });
  }

  /** What it held when it was last read is not to be found. */
  private lost(file: FollowedFile): void {
    file.isResumed = false;
    file.expected = undefined;
    file.inode = '';
    file.offset = 0;
    file.tail = Buffer.alloc(0);
    file.stream.event(
      {
        kind: 'gap',
        text: t('gap of unknown size: what the file held can no longer be found'),
        lost: null,
      },
      true,
    );
  }

  private data(bytes: Buffer, start: number, end: number): void {
    const file = this.current;
    if (!file) return;
    if (file.check && file.check.left > 0) {
      const { bytes: known, left } = file.check;
      const length = Math.min(left, end - start);
      const at = known.length - left;
      // Of a file that was begun near its end less is known.
      if (at >= 0 && bytes.compare(known, at, at + length, start, start + length) !== 0)
        throw new MisplacedFile(file.path);
      file.check.left -= length;
      start += length;
      if (start === end) return;
    }
    if (file.copy) return this.copyData(file, bytes, start, end);
    if (file.expected) {
      start = this.compare(file, bytes, start, end);
      if (start < 0) {
        // The inode is that of another file now.
        this.lost(file);
        throw new MisplacedFile(file.path);
      }
      if (file.expected.length === 0) this.resumed(file);
    }
    file.offset += end - start;
    this.remember(file, bytes, start, end);
    if (file.skipsLine) {
      const lineEnd = bytes.indexOf(0x0a, start);
      if (lineEnd < 0 || lineEnd >= end) start = end;
      else {
        start = lineEnd + 1;
        file.skipsLine = false;
      }
    }
    if (start < end) file.stream.bytes(bytes, start, end);
  }

  /** Compares what came again; where new bytes begin, -1 if it differs. */
  private compare(file: FollowedFile, bytes: Buffer, start: number, end: number): number {
    const expected = file.expected!;
    const length = Math.min(expected.length, end - start);
    if (bytes.compare(expected, 0, length, start, start + length) !== 0) return -1;
    file.expected = expected.subarray(length);
    return start + length;
  }

  private copyData(file: FollowedFile, bytes: Buffer, start: number, end: number): void {
    if (file.copy === 'other') return;
    if (file.expected && file.expected.length > 0) {
      start = this.compare(file, bytes, start, end);
      if (start < 0) {
        file.copy = 'other';
        return;
      }
    }
    if (start >= end) return;
    file.recovered += end - start;
    file.offset += end - start;
    this.remember(file, bytes, start, end);
    file.stream.bytes(bytes, start, end);
  }

  private remember(file: FollowedFile, bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length >= overlapBytes) file.tail = Buffer.from(bytes.subarray(end - overlapBytes, end));
    else {
      const joined = Buffer.concat([file.tail, bytes.subarray(start, end)]);
      file.tail = joined.subarray(Math.max(0, joined.length - overlapBytes));
    }
  }

  private caughtUp(): void {
    this.live = true;
    this.hasCaughtUp = true;
    for (const file of this.slots) {
      if (!file) continue;
      if (file.isResumed && file.expected && file.expected.length === 0) this.resumed(file);
      if (file.inode !== '') file.stream.state('following');
    }
  }
}
