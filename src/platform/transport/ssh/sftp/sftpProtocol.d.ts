/** What ssh2 speaks SFTP with on its own channels. */
declare module 'ssh2/lib/protocol/SFTP.js' {
  import type { SFTPWrapper } from 'ssh2';

  interface Wire {
    _protocol: {
      _remoteIdentRaw?: Buffer;
      channelData(id: number, data: Buffer): void;
      channelClose(id: number): void;
    };
  }
  interface Half {
    id: number;
    window: number;
    packetSize: number;
    state: 'open' | 'closing' | 'closed';
  }
  export const SFTP: new (
    client: Wire,
    channel: { type: 'sftp'; incoming: Half; outgoing: Half },
  ) => SFTPWrapper & { _init(): void; push(bytes: Buffer | null): void };
}
