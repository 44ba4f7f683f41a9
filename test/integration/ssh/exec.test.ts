import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../../src/core/deadline';
import { type Sshd, SshdFarm } from '../../harness/sshd';
import { hostOn, poolFor } from './sshFixture';

describe('a command on a real sshd', () => {
  let farm: SshdFarm;
  let daemon: Sshd;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('gives output and exit status', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const channel = await pool.exec(hostOn(farm, daemon), 'echo out; echo err >&2; exit 3', {
      deadline: new Deadline(0),
    });
    channel.stdin.end();
    const [stdout, stderr] = await Promise.all([text(channel.stdout), text(channel.stderr)]);
    expect(await channel.exit).toEqual({ exitCode: 3, signal: null });
    expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });
});
