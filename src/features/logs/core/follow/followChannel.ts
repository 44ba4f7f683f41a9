import { Deadline } from '../../../../platform/batch/deadline';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import type { HostChannel, HostCommands } from '../../../../platform/transport/hostTransport';
import { loaded, loader } from './remoteScript';

/** Milliseconds for connecting and starting. */
const openMs = 30_000;
/** Channels that are being opened at the same time. */
const mostOpening = 50;

/** Where logs are followed that name no host. */
const thisMachine: Host = {
  ...{ name: 'localhost', address: 'localhost', transport: 'local' },
  ...{ labels: {}, groups: [], ssh: {}, variables: {} },
  source: { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 },
};

/** Lets a bounded number of things be done at once. */
export class Gate {
  private left: number;
  private readonly waiting: (() => void)[] = [];

  constructor(width = mostOpening) {
    this.left = width;
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.left > 0) this.left--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.left++;
    }
  }
}

/** Starts a script on a host, or here without one. @throws MusterError */
export async function openFollowChannel(
  transport: HostCommands,
  host: Host | undefined,
  script: string,
  signal: AbortSignal,
  overrideCircuit: boolean,
  become?: BecomeSettings,
): Promise<HostChannel> {
  // The time limit is one of opening: afterwards the channel lives until it is closed.
  const deadline = new Deadline(openMs, signal);
  try {
    const channel = await transport.exec(host ?? thisMachine, loader, { deadline, overrideCircuit, become });
    channel.stdin.write(loaded(script));
    return channel;
  } finally {
    deadline.dispose();
  }
}
