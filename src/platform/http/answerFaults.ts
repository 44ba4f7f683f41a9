import { MusterError, toMusterError, type Whereabouts } from '../errors/errors';
import { t } from '../l10n/l10n';
import { printable } from '../text/printable';

const phase = 'request';

export function noAnswer(): MusterError {
  return new MusterError('RESET', t('the service closed the connection without an answer'), {
    phase,
    hint: t('Check its logs, and that the port speaks HTTP (or https).'),
  });
}

export function cutAnswer(): MusterError {
  return new MusterError('RESET', t('the service closed the connection in the middle of its answer'), {
    phase,
    hint: t('Check its logs.'),
  });
}

export function notHttp(reason: string): MusterError {
  return new MusterError('PROTOCOL', t('the answer is not HTTP: {0}', printable(reason, 200)), {
    phase,
    hint: t('Check its logs, and that the port speaks HTTP (or https).'),
  });
}

export function tooManyHeaders(mostBytes: number): MusterError {
  return new MusterError('TOO_LARGE', t('the answer has more than {0} KiB of headers', mostBytes / 1024), {
    phase,
    hint: t('Check which headers the service sends: cookies are often the longest.'),
  });
}

/** What Node.js' own client reports of an answer or its body, in the words of who asked. */
export function answerError(error: unknown, whereabouts: Whereabouts, mostHeadBytes: number): MusterError {
  return toMusterError(faultOf(error, mostHeadBytes) ?? error, whereabouts, 'RESET');
}

function faultOf(error: unknown, mostHeadBytes: number): MusterError | undefined {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'HPE_HEADER_OVERFLOW') return tooManyHeaders(mostHeadBytes);
  if (code.startsWith('HPE_')) return notHttp(message.replace(/^Parse Error: /, ''));
  return code === 'ECONNRESET' && message === 'aborted' ? cutAnswer() : undefined;
}
