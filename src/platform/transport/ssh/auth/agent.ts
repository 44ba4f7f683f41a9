import { readdir } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { createAgent, type ParsedKey, utils } from 'ssh2';
import { refuseLocalLimit } from '../../../errors/localLimit';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';
import { type Certificate, certifiedType } from '../certificate';
import type { Waiter } from '../pool/sharedAttempt';
import { keyTypeOf, WireReader, wireString } from '../sshWire';
import { uncommonKey } from './uncommonKeys';
import { userCertificate } from './userCertificate';

/** A public key, or a certificate of one, whose private half an agent holds. */
export interface AgentKey {
  readonly key: ParsedKey;
  readonly certificate: Certificate | undefined;
  /** Resolves to a signature in wire format, its algorithm included. */
  readonly sign: (data: Buffer, algorithm: string) => Promise<Buffer>;
}

/** What is used of ssh2's agents: connecting, for each kind of system. Its messages leave out what it does not know. */
interface Agent {
  getStream(connected: (error: Error | null, stream?: Duplex) => void): void;
}

const windowsPipes = '\\\\.\\pipe\\';
/** As OpenSSH's AGENT_MAX_LEN and MAX_AGENT_IDENTITIES. */
const largestMessage = 256 * 1024;
const mostKeys = 2048;

/** Requests and answers of the agent's protocol. */
const message = { failure: 5, list: 11, keys: 12, sign: 13, signature: 14 } as const;
const signFlags: Record<string, number> = { 'rsa-sha2-256': 2, 'rsa-sha2-512': 4 };

/**
 * The keys of the user's agent: at `configured` (a socket, a pipe, `SSH_AUTH_SOCK` or `none`), else where SSH_AUTH_SOCK
 * says, else on Windows those of OpenSSH's service and of Pageant. `report` is told why an agent cannot be asked.
 */
export async function agentKeys(
  configured: string | undefined,
  waiter: Waiter,
  report: (reason: string) => void,
): Promise<AgentKey[]> {
  const lists = (await socketsOf(configured)).map(async (socket) => {
    const agent = createAgent(socket) as unknown as Agent;
    try {
      return await keysOf(agent, waiter);
    } catch (error) {
      refuseLocalLimit(error);
      report(`ssh-agent: ${(error as Error).message}`);
      return [];
    }
  });
  return (await Promise.all(lists)).flat();
}

async function socketsOf(configured: string | undefined): Promise<string[]> {
  if (configured === 'none') return [];
  if (configured !== undefined && configured !== 'SSH_AUTH_SOCK') return [configured];
  if (process.env.SSH_AUTH_SOCK) return [process.env.SSH_AUTH_SOCK];
  if (process.platform !== 'win32') return [];
  const names = await readdir(windowsPipes).catch(() => []);
  return names
    .filter((name) => name === 'openssh-ssh-agent' || name.startsWith('pageant.'))
    .map((name) => windowsPipes + name);
}

async function keysOf(agent: Agent, waiter: Waiter): Promise<AgentKey[]> {
  const answer = await ask(agent, Buffer.from([message.list]), message.keys, waiter);
  const keys: AgentKey[] = [];
  const count = Math.min(answer.uint32(), mostKeys);
  for (let index = 0; index < count; index++) {
    const data = answer.bytes();
    const comment = answer.bytes().toString();
    const known = publicKey(data, comment);
    if (known) keys.push({ ...known, sign: signer(agent, data, waiter) });
  }
  return keys;
}

/** Undefined for what cannot log in: keys of other types, host certificates and damaged ones. */
function publicKey(data: Buffer, comment: string): Pick<AgentKey, 'key' | 'certificate'> | undefined {
  const type = keyTypeOf(data);
  if (certifiedType(type) !== undefined) {
    const certificate = certificateOf(data);
    return certificate && { key: uncommonKey(type, data, comment), certificate };
  }
  if (type.startsWith('sk-')) return { key: uncommonKey(type, data, comment), certificate: undefined };
  const key = utils.parseKey(data);
  if (key instanceof Error) return undefined;
  return { key: Object.assign(key, { comment }), certificate: undefined };
}

function certificateOf(data: Buffer): Certificate | undefined {
  try {
    return userCertificate(data);
  } catch {
    return undefined;
  }
}

function signer(agent: Agent, key: Buffer, waiter: Waiter): AgentKey['sign'] {
  return async (data, algorithm) => {
    const flags = Buffer.alloc(4);
    flags.writeUInt32BE(signFlags[algorithm] ?? 0);
    const request = Buffer.concat([Buffer.from([message.sign]), wireString(key), wireString(data), flags]);
    const signature = (await ask(agent, request, message.signature, waiter)).bytes();
    const made = keyTypeOf(signature);
    // Some agents sign with SHA-1 whatever they are asked for.
    if (made !== algorithm)
      throw new Error(t('the agent signed with {0} in place of {1}', printable(made), algorithm));
    return signature;
  };
}

/** Sends one request on a connection of its own. @throws Error when the agent refuses or breaks off */
function ask(agent: Agent, request: Buffer, expected: number, waiter: Waiter): Promise<WireReader> {
  return new Promise((resolve, reject) => {
    agent.getStream((error, stream) => {
      if (!stream) return reject(error ?? new Error(t('the agent cannot be reached')));
      let received = Buffer.alloc(0);
      let unhear = () => {};
      const end = (settle: () => void) => {
        unhear();
        settle();
        stream.destroy();
      };
      const fail = (reason: Error) => end(() => reject(reason));
      const hungUp = () => fail(new Error(t('the agent broke off')));
      unhear = waiter.onAbort(hungUp);
      stream
        .on('data', (chunk: Buffer) => {
          received = Buffer.concat([received, chunk]);
          if (received.length < 4) return;
          const length = received.readUInt32BE();
          if (length === 0 || length > largestMessage)
            return fail(new Error(t('the agent sent what is not an answer')));
          if (received.length < 4 + length) return;
          const answer = received.subarray(5, 4 + length);
          if (received[4] === expected) end(() => resolve(new WireReader(answer)));
          else fail(new Error(t('the agent refused')));
        })
        .on('error', fail)
        .on('close', hungUp);
      stream.write(wireString(request));
    });
  });
}
