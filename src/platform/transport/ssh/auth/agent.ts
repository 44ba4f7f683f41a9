import { readdir } from 'node:fs/promises';
import { type BaseAgent, createAgent, type ParsedKey, type SigningRequestOptions, utils } from 'ssh2';
import { t } from '../../../l10n/l10n';
import { refuseLocalLimit } from '../../../errors/localLimit';

/** A public key whose private half an agent holds. */
export interface AgentKey {
  readonly key: ParsedKey;
  readonly sign: (data: Buffer, digest: string | undefined) => Promise<Buffer>;
}

const windowsPipes = '\\\\.\\pipe\\';

/**
 * The keys of the user's agent: at `configured` (a socket, a pipe, `SSH_AUTH_SOCK` or `none`), else where SSH_AUTH_SOCK
 * says, else on Windows those of OpenSSH's service and of Pageant. `report` is told why an agent cannot be asked.
 */
export async function agentKeys(
  configured: string | undefined,
  report: (reason: string) => void,
): Promise<AgentKey[]> {
  const lists = (await socketsOf(configured)).map(async (socket) => {
    const agent = createAgent(socket);
    const keys = await keysOf(agent).catch((error: Error) => {
      refuseLocalLimit(error);
      report(`ssh-agent: ${error.message}`);
      return [];
    });
    return keys.map((key) => ({ key, sign: signer(agent, key) }));
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

function keysOf(agent: BaseAgent): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys = []) => {
      if (error) return reject(error);
      const parsed = keys.map((key) => utils.parseKey(key as ParsedKey | Buffer));
      resolve(parsed.filter((key): key is ParsedKey => !(key instanceof Error)));
    });
  });
}

function signer(agent: BaseAgent, key: ParsedKey): AgentKey['sign'] {
  return (data, digest) =>
    new Promise((resolve, reject) => {
      agent.sign(key, data, { hash: digest } as SigningRequestOptions, (error, signature) =>
        signature ? resolve(signature) : reject(error ?? new Error(t('the agent signed nothing'))),
      );
    });
}
