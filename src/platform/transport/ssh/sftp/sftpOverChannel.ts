import type { SFTPWrapper } from 'ssh2';
import { SFTP } from 'ssh2/lib/protocol/SFTP.js';
import { toMusterError } from '../../../errors/errors';
import type { HostChannel } from '../../hostTransport';

/** Bytes that are written at a time, as OpenSSH's servers grant. */
const packetSize = 32_768;

/** Speaks SFTP over the streams of a command, as ssh2 does over its subsystem. @throws MusterError */
export function sftpOverChannel(channel: HostChannel): Promise<SFTPWrapper> {
  const { stdin, stdout, stderr, exit } = channel;
  const half = () => ({ id: 0, window: Infinity, packetSize, state: 'open' as const });
  const sftp = new SFTP(
    {
      _protocol: {
        // What is run is OpenSSH's server.
        _remoteIdentRaw: Buffer.from('SSH-2.0-OpenSSH'),
        channelData: (_id, data) => stdin.write(data),
        channelClose: () => {
          // The server ends with its input.
          stdin.end();
          channel.close();
        },
      },
    },
    { type: 'sftp', incoming: half(), outgoing: half() },
  );
  stdin.on('error', () => {});
  stderr.resume();
  stdout.on('data', (bytes: Buffer) => sftp.push(bytes));
  return new Promise((resolve, reject) => {
    const over = (error?: unknown) => {
      reject(toMusterError(error ?? new Error('the SFTP server has ended'), { phase: 'channel' }));
      sftp.push(null);
      sftp.emit('close');
    };
    exit.then(() => over(), over);
    sftp.once('error', reject).once('ready', () => {
      sftp.off('error', reject);
      resolve(sftp);
    });
    sftp._init();
  });
}
