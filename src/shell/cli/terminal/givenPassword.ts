// eslint-disable-next-line no-restricted-syntax -- a descriptor that the user gave
import { createReadStream, fstat } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { cancelledBy } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { Authority } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import { secretId } from '../../../platform/host/secretDestination';
import type { Cli } from '../cli';
import { UsageError } from '../exitStatus';
import { t } from '../l10n';

/** Where a program says the password of a cluster or a service; never among the arguments, which every user of the machine sees. */
export interface PasswordOptions {
  passwordEnv?: string;
  passwordFd?: string;
}

const maxBytes = 4096;

/** The password from where the options say, undefined if they say nothing. @throws UsageError, MusterError CANCELLED */
export async function givenPassword(
  { passwordEnv, passwordFd }: PasswordOptions,
  cli: Cli,
): Promise<string | undefined> {
  if (passwordFd !== undefined) return readDescriptor(passwordFd, cli);
  if (passwordEnv === undefined) return undefined;
  const password = cli.env[passwordEnv];
  if (password) return password;
  throw new UsageError(t('--password-env: the variable {0} is not set', printable(passwordEnv)));
}

/** The first line of what can be read from it. */
async function readDescriptor(text: string, { interruption: { signal } }: Cli): Promise<string> {
  const fail = (why: string) => new UsageError(`--password-fd: ${why}`);
  if (!/^\d{1,4}$/.test(text)) throw fail(t('"{0}" is not the number of a descriptor', printable(text)));
  // What is read ahead of a value on standard input would be missing from the value.
  if (Number(text) < 3) throw fail(t('0 to 2 are the standard streams: use a descriptor from 3'));
  let bytes = Buffer.alloc(0);
  try {
    const stream = addAbortSignal(signal, await openDescriptor(Number(text)));
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.includes('\n') || bytes.length > maxBytes) break;
    }
  } catch (error) {
    if (signal.aborted) throw cancelledBy(signal);
    throw fail((error as Error).message);
  }
  const [line = ''] = bytes.toString().split(/\r?\n/, 1);
  if (line === '' || bytes.length > maxBytes) throw fail(t('no password of 1 to {0} bytes came', maxBytes));
  return line;
}

/** A pipe that stays silent is read as a socket: a pending read of a file would hold the process up when it is to end. */
async function openDescriptor(fd: number): Promise<Readable> {
  const status = await promisify(fstat)(fd);
  if (status.isFIFO() || status.isSocket()) return new Socket({ fd, readable: true, writable: false });
  // Without `start` it is read where it stands.
  return createReadStream('', { fd });
}

/**
 * Gives `password` to the first that wants one of those whose subject begins with `kind`, and to no other; the
 * terminal answers everything else.
 */
export function withPassword(
  authority: Authority,
  password: string | undefined,
  kind: 'etcd' | 'pprof' = 'etcd',
): Authority {
  if (password === undefined) return authority;
  let owner: string | undefined;
  return {
    unknownHostKey: (key, signal) => authority.unknownHostKey(key, signal),
    credential: (request, signal) => {
      const { subject, retry } = request;
      if (!subject.startsWith(`${kind} `) || (owner ??= secretId(request)) !== secretId(request))
        return authority.credential(request, signal);
      return retry
        ? Promise.reject(kind === 'etcd' ? refused() : refusedByService())
        : Promise.resolve(password);
    },
  };
}

function refusedByService(): MusterError {
  return new MusterError('AUTH', t('the service refused the user or the password that was given'), {
    phase: 'auth',
    hint: t(
      'Check what --password-env or --password-fd gives, and auth.username of the profiler (--username).',
    ),
  });
}

function refused(): MusterError {
  return new MusterError('AUTH', t('etcd refused the user or the password that was given'), {
    phase: 'auth',
    hint: t('Check what --password-env or --password-fd gives, and username of the cluster in muster.yaml.'),
  });
}
