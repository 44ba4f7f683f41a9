import { execFile } from 'node:child_process';
import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { shellQuote } from '../../text/shellQuote';
import type { HostShell, ShellRequest } from '../hostTransport';
import { LocalProcess } from './localProcess';

type Size = Pick<ShellRequest, 'columns' | 'rows'>;

let found: Promise<boolean> | undefined;

/** Whether this machine has what makes terminals for us: other systems' `script` takes other arguments. */
function hasScript(): Promise<boolean> {
  return (found ??= new Promise((resolve) => {
    execFile('script', ['--version'], (error, stdout) => resolve(!error && stdout.includes('util-linux')));
  }));
}

/** A terminal on this machine. */
export class LocalShell implements HostShell {
  readonly stdin: HostShell['stdin'];
  readonly stdout: HostShell['stdout'];
  readonly exit: HostShell['exit'];
  private device: string | undefined;

  /** Starts the user's login shell, or a command line, in a terminal. @throws MusterError */
  static async start({ term, command, ...size }: ShellRequest): Promise<LocalShell> {
    if (!(await hasScript()))
      throw new MusterError('PROTOCOL', t('this machine has no program “script” of util-linux'), {
        phase: 'channel',
        hint: t('Install util-linux, or open a terminal of VS Code itself.'),
      });
    const shell = process.env['SHELL'] ?? '/bin/sh';
    const inner = [
      `stty sane ${sizeWords(size).join(' ')}`,
      // The name of the terminal comes on descriptor 3.
      'tty >&3',
      'exec 3>&-',
      command === undefined
        ? `exec ${shellQuote(shell)} -l`
        : `exec ${shellQuote(shell)} -c ${shellQuote(command)}`,
    ].join('; ');
    // `script` gives the line to $SHELL, which may speak another language than sh.
    const line = `SHELL=${shellQuote(shell)}; export SHELL; ${inner}`;
    const words = ['--quiet', '--flush', '--return', '--command', line, '/dev/null'];
    const env = { TERM: term, SHELL: '/bin/sh' };
    // A shell that a person types into ignores TERM.
    const started = await LocalProcess.start('script', words, { env, firstSignal: 'SIGHUP', hasNotes: true });
    return new LocalShell(started, size);
  }

  private constructor(
    readonly process: LocalProcess,
    private size: Size,
  ) {
    this.stdin = process.stdin;
    this.stdout = process.stdout;
    this.exit = process.exit;
    process.stderr.resume();
    const opened = size;
    process.notes.setEncoding('utf8').on('data', (note: string) => {
      this.device = /^\/dev\/[\w/]+$/m.exec(note)?.[0] ?? this.device;
      if (this.size !== opened) this.apply();
    });
  }

  resize(columns: number, rows: number): void {
    this.size = { columns, rows };
    this.apply();
  }

  close(): void {
    this.process.close();
  }

  private apply(): void {
    if (this.device === undefined) return;
    execFile('stty', ['-F', this.device, ...sizeWords(this.size)], () => {
      // The shell may have ended in the meantime.
    });
  }
}

function sizeWords({ columns, rows }: Size): string[] {
  return ['cols', String(columns), 'rows', String(rows)];
}
