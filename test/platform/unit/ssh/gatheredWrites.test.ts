import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { gatherWrites } from '../../../../src/platform/transport/ssh/gatheredWrites';

/** A stream that keeps what it is given to send; several pieces in one call where `canGather`. */
function streamThat(canGather: boolean): { stream: Duplex; calls: string[] } {
  const calls: string[] = [];
  const stream = new Duplex({
    read: () => {},
    write: (piece: Buffer, _, done) => {
      calls.push(piece.toString());
      done();
    },
    ...(canGather && {
      writev: (pieces: { chunk: Buffer }[], done: () => void) => {
        calls.push(pieces.map(({ chunk }) => chunk.toString()).join('+'));
        done();
      },
    }),
  });
  gatherWrites(stream);
  return { stream, calls };
}

describe('what is written to a server', () => {
  it.each([
    ['a socket', true, ['length+packet+tag', 'next']],
    ['a channel', false, ['lengthpackettag', 'next']],
  ])('leaves together within a turn, in its order, through %s', async (_, canGather, expected) => {
    const { stream, calls } = streamThat(canGather);
    for (const piece of ['length', 'packet', 'tag']) stream.write(Buffer.from(piece));
    expect(calls).toEqual([]);
    await setImmediate();
    stream.write(Buffer.from('next'));
    await setImmediate();
    expect(calls).toEqual(expected);
  });

  it('has left when the stream is ended and destroyed in the same turn', async () => {
    const { stream, calls } = streamThat(true);
    const closed = once(stream, 'close');
    stream.write(Buffer.from('good'));
    stream.write(Buffer.from('bye'));
    stream.end();
    stream.destroy();
    await closed;
    expect(calls).toEqual(['good+bye']);
  });

  it('has left when the stream has finished', async () => {
    const { stream, calls } = streamThat(true);
    stream.write(Buffer.from('good'));
    stream.end(Buffer.from('bye'));
    await once(stream, 'finish');
    await setImmediate();
    expect(calls).toEqual(['good+bye']);
    expect(stream.writableCorked).toBe(0);
  });

  it('is answered as by the stream itself: whether more is welcome, and when it has left', async () => {
    const { stream } = streamThat(true);
    const left = new Promise<void>((resolve) => stream.write(Buffer.from('a'), () => resolve()));
    expect(stream.write(Buffer.alloc(stream.writableHighWaterMark))).toBe(false);
    await Promise.all([left, once(stream, 'drain')]);
    expect(stream.write(Buffer.from('b'))).toBe(true);
  });
});
