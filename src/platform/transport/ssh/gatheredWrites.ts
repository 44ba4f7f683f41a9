import type { Duplex } from 'node:stream';

/**
 * Sends what is written within a turn of the event loop together. ssh2 writes a packet in three pieces, each of which
 * would cost a call of the kernel's and a TCP segment, at the other end as well.
 */
export function gatherWrites(stream: Duplex): void {
  // Channels and pipes have no way to write several pieces at once: through a jump each would be a packet of its own.
  if (!(stream as { _writev?: unknown })._writev)
    stream._writev = (pieces, done) =>
      stream._write(Buffer.concat(pieces.map(({ chunk }) => chunk as Buffer)), 'buffer' as never, done);
  const write = stream.write.bind(stream) as (...piece: unknown[]) => boolean;
  let gathers = false;
  stream.write = (...piece: unknown[]) => {
    if (!gathers) {
      gathers = true;
      stream.cork();
      process.nextTick(() => {
        gathers = false;
        // Whoever has ended the stream meanwhile has sent it on its way.
        if (stream.writableCorked > 0) stream.uncork();
      });
    }
    return write(...piece);
  };
}
