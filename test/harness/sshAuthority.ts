import { execFile } from 'node:child_process';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { generateKey } from './sshd';

const run = promisify(execFile);

/** An authority that signs keys of users and hosts, with ssh-keygen. */
export class SshAuthority {
  private constructor(
    /** Its private key; the public one is beside it. */
    readonly key: string,
  ) {}

  static async create(folder: string, name = 'authority', type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519') {
    await mkdir(folder, { recursive: true });
    return new SshAuthority(await generateKey(path.join(folder, name), type));
  }

  /** Writes `KEY-cert.pub` beside the key, or `file`; `options` are those of ssh-keygen. */
  async certify(key: string, options: readonly string[], file = `${key}-cert.pub`): Promise<string> {
    // ssh-keygen names the certificate after the public key.
    const copy = `${file}.of`;
    await copyFile(`${key}.pub`, `${copy}.pub`);
    await run('ssh-keygen', ['-q', '-s', this.key, '-I', 'the id', ...options, `${copy}.pub`]);
    await rename(`${copy}-cert.pub`, file);
    return file;
  }
}
