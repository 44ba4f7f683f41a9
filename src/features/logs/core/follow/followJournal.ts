import { errorReport, MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { shellQuote } from '../../../../platform/text/shellQuote';
import type { Attempt, Followed } from './followed';
import type { LogStart } from '../logSession';
import { commandScript } from './remoteScript';
import type { OpenStream } from './streamBook';

/** Entries that are shown of what was there before. */
const recentEntries = 500;
/** Bytes of an entry that are read. */
const longestEntry = 4 * 1024 * 1024;
/** Severities of syslog by number; that of usual information is not written out. */
const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', '', 'debug'];

/** An entry of `journalctl --output json`, see systemd.journal-fields(7); what is no text comes as a list of bytes. */
type Entry = Record<string, string | number[] | null | undefined>;

/** The journal of a host, across reconnections: it goes on after the cursor of the last entry. */
export class FollowedJournal implements Followed {
  readonly streams: readonly OpenStream[];
  private cursor: string | undefined;
  private resumes = false;
  private carry = '';
  private decoder = new TextDecoder();

  constructor(
    private readonly unit: string | undefined,
    private readonly start: LogStart,
    private readonly follow: boolean,
    private readonly stream: OpenStream,
  ) {
    this.streams = [stream];
  }

  attempt(isFirst: boolean): Attempt {
    const { stream } = this;
    this.resumes = !isFirst;
    this.carry = '';
    this.decoder = new TextDecoder();
    return {
      script: commandScript(this.command()),
      opened: () => stream.state('reading'),
      stdout: (chunk) => this.take(chunk),
      stderr: (chunk) => stream.event({ kind: 'problem', text: chunk.toString('utf8').trim().slice(0, 500) }),
      isComplete: (exitCode) => {
        if (exitCode === null) return false;
        if (exitCode !== 0) {
          const text = t('journalctl has ended with status {0}', exitCode);
          stream.event({ kind: 'problem', text });
          stream.state('failed', errorReport(new MusterError('EXIT_STATUS', text, { phase: 'run' })));
        }
        return !this.follow || exitCode !== 0;
      },
    };
  }

  disconnected(): void {
    this.carry = '';
  }

  private command(): string {
    const { unit, cursor, follow } = this;
    const words = ['journalctl', '--no-pager', '--output=json', ...this.startWords()];
    if (cursor !== undefined) words.push(`--after-cursor=${cursor}`);
    if (unit !== undefined) words.push(`--unit=${unit}`);
    if (follow) words.push('--follow');
    return `exec ${words.map(shellQuote).join(' ')}`;
  }

  private startWords(): string[] {
    if (this.cursor !== undefined) return ['--lines=all'];
    if (this.start === 'beginning') return ['--lines=all'];
    if (this.start === 'end') return ['--lines=0'];
    if (this.start === 'recent') return [`--lines=${recentEntries}`];
    return ['--lines=all', `--since=@${(this.start.time / 1000).toFixed(3)}`];
  }

  private take(chunk: Buffer): void {
    this.stream.state('following');
    if (this.resumes) {
      this.resumes = false;
      const event =
        this.cursor === undefined
          ? ({
              kind: 'gap',
              text: t('gap of unknown size: nothing had been read before'),
              lost: null,
            } as const)
          : ({ kind: 'resumed', text: t('resumed, 0 lost'), lost: 0 } as const);
      this.stream.event(event);
    }
    const lines = (this.carry + this.decoder.decode(chunk, { stream: true })).split('\n');
    this.carry = lines.pop()!.slice(0, longestEntry);
    const text = lines.map((line) => this.entryText(line)).join('');
    const bytes = Buffer.from(text);
    if (bytes.length > 0) this.stream.bytes(bytes, 0, bytes.length);
  }

  private entryText(line: string): string {
    let entry: Entry;
    try {
      entry = JSON.parse(line) as Entry;
    } catch {
      return line === '' ? '' : `${line}\n`;
    }
    const fieldText = (name: string) => textOf(entry[name]);
    this.cursor = fieldText('__CURSOR') || this.cursor;
    const time = new Date(Number(fieldText('__REALTIME_TIMESTAMP')) / 1000);
    const micros = fieldText('__REALTIME_TIMESTAMP').slice(-3);
    const name =
      fieldText('SYSLOG_IDENTIFIER') || fieldText('_COMM') || fieldText('_SYSTEMD_UNIT') || 'journal';
    const pid = fieldText('_PID') || fieldText('SYSLOG_PID');
    const severity = severities[Number(fieldText('PRIORITY') || 6)] ?? '';
    const stamp = isNaN(time.getTime()) ? '' : `${time.toISOString().slice(0, -1)}${micros}Z `;
    const message = fieldText('MESSAGE').replace(/\n+$/, '').replaceAll('\n', '\n    ');
    return `${stamp}${name}${pid && `[${pid}]`}${severity && ` ${severity}`}: ${message}\n`;
  }
}

function textOf(value: Entry[string]): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? Buffer.from(value).toString('utf8') : '';
}
