import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import net from 'node:net';
import { type DecodedPacket, decode, encode, type Question, RECURSION_DESIRED } from 'dns-packet';
import type { Deadline } from '../../../../platform/batch/deadline';
import { MusterError, peerOf, toMusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { connectSocket } from '../connectSocket';
import type { ProbeMeasurements } from '../probeMeasurements';
import { lookupAddress } from '../../../../platform/transport/sharedLookup';

/** An answer; `rcode` by its name: NOERROR, NXDOMAIN, … The types of the library lack it. */
export type DnsAnswer = DecodedPacket & { readonly rcode: string };

/** A name server. */
export interface Resolver {
  /** Host name or IP address. */
  address: string;
  port: number;
}

/** A packet may be lost on the way: milliseconds after which the question is sent again. */
const againMs = 300;
/** Bytes before a message over TCP, which hold its length. */
const lengthBytes = 2;

/**
 * Asks a name server over UDP, and over TCP if that is asked for or the answer was cut (RFC 1035, 7766).
 * @throws MusterError with its phase; TIMEOUT when nothing that answers this question has come
 */
export async function askResolver(
  resolver: Resolver,
  question: Question,
  { protocol, recursion }: { protocol: 'udp' | 'tcp'; recursion: boolean },
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<DnsAnswer> {
  const request = encode({
    ...{ type: 'query', id: randomInt(0x1_0000), questions: [question] },
    flags: recursion ? RECURSION_DESIRED : 0,
  });
  if (protocol === 'udp') {
    const answer = await overUdp(resolver, request, deadline, measured);
    if (!answer.flag_tc) return answer;
    return overTcp(resolver, request, deadline, measured).catch((error: unknown) => {
      const { code, message, phase, hint } = toMusterError(error, { phase: 'request' });
      const why = t('the answer was cut over UDP, and over TCP: {0}', message);
      throw new MusterError(code, why, { phase, hint, cause: error });
    });
  }
  return overTcp(resolver, request, deadline, measured);
}

/** The message as the answer to the request, nothing if it is none. @throws MusterError PROTOCOL when it is damaged */
function answerTo(request: Buffer, message: Buffer, resolver: Resolver): DnsAnswer | undefined {
  // Anybody may send to a port: what does not have the number of the question is not from the resolver.
  if (message.length < 12 || message.readUInt16BE(0) !== request.readUInt16BE(0)) return undefined;
  const answer = decoded(message, resolver);
  const asked = decode(request).questions![0]!;
  const repeated = answer.questions?.[0];
  const isSame = repeated?.type === asked.type && repeated.name.toLowerCase() === asked.name.toLowerCase();
  // Servers that cannot read the question do not repeat it.
  const isRefusal = repeated === undefined && answer.rcode !== 'NOERROR';
  return answer.type === 'response' && (isSame || isRefusal) ? answer : undefined;
}

/** @throws MusterError PROTOCOL when it is damaged */
function decoded(message: Buffer, resolver: Resolver): DnsAnswer {
  const damaged = (reason: string, cause?: unknown) =>
    new MusterError(
      'PROTOCOL',
      t('{0} sent an answer that cannot be read: {1}', peerOf(resolver), printable(reason)),
      { phase: 'request', cause, hint: t('Check that a name server listens there.') },
    );
  let answer: DnsAnswer;
  try {
    answer = decode(message) as DnsAnswer;
  } catch (error) {
    throw damaged((error as Error).message, error);
  }
  // The library reads on behind the end of a message that was cut.
  const isCut = answer.answers?.some(
    (one) => (one.type === 'A' || one.type === 'AAAA') && net.isIP(one.data) === 0,
  );
  if (isCut || decode.bytes > message.length) throw damaged(t('it ends within a record'));
  return answer;
}

async function overUdp(
  resolver: Resolver,
  request: Buffer,
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<DnsAnswer> {
  const address = await lookupAddress(resolver.address, deadline);
  const peer = peerOf(resolver);
  const startedAt = performance.now();
  const socket = createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
  let repeating: NodeJS.Timeout | undefined;
  let unhear = () => {};
  try {
    return await new Promise<DnsAnswer>((resolve, reject) => {
      socket.on('error', (error) => {
        error.message += ` ${peer}`;
        reject(toMusterError(error, { phase: 'request', peer }));
      });
      socket.on('message', (message) => {
        try {
          const answer = answerTo(request, message, resolver);
          if (answer) resolve(answer);
        } catch (error) {
          reject(toMusterError(error));
        }
      });
      // A connected socket takes packets of the resolver only, and fails when nothing listens there.
      socket.on('connect', () => {
        socket.send(request);
        repeating = setInterval(() => socket.send(request), againMs);
      });
      unhear = deadline.onAbort(() => reject(toMusterError(deadline.reason, { phase: 'request', peer })));
      socket.connect(resolver.port, address);
    });
  } finally {
    unhear();
    clearInterval(repeating);
    measured.phase('dns', startedAt);
    await new Promise<void>((resolve) => socket.close(resolve));
  }
}

async function overTcp(
  resolver: Resolver,
  request: Buffer,
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<DnsAnswer> {
  let received = Buffer.alloc(0);
  let answer: DnsAnswer | undefined;
  const framed = Buffer.alloc(lengthBytes + request.length);
  framed.writeUInt16BE(request.length);
  request.copy(framed, lengthBytes);
  let askedAt = 0;
  await connectSocket(resolver, deadline, measured, {
    opened(socket) {
      askedAt = performance.now();
      socket.write(framed);
    },
    received(bytes, socket) {
      received = Buffer.concat([received, bytes]);
      const end = received.length < lengthBytes ? Infinity : lengthBytes + received.readUInt16BE(0);
      if (received.length < end) return;
      measured.phase('firstByte', askedAt);
      answer = answerTo(request, received.subarray(lengthBytes, end), resolver);
      socket.destroy();
    },
  });
  if (answer) return answer;
  throw new MusterError('PROTOCOL', t('{0} did not answer the question', peerOf(resolver)), {
    phase: 'request',
    hint: t('Check that a name server listens there.'),
  });
}
