import { describe, expect, it } from 'vitest';
import { allEnded } from '../../../src/shell/editor/allEnded';

describe('Work that is done side by side', () => {
  it('gives what each gave, in their order', async () => {
    expect(await allEnded([Promise.resolve(1), Promise.resolve(2)])).toEqual([1, 2]);
  });

  it('fails with the first that failed, but not before the others have ended', async () => {
    const order: string[] = [];
    let end = () => {};
    const slow = new Promise<void>((resolve) => (end = resolve));
    const all = allEnded([Promise.reject(new Error('no engine')), slow]).catch((error: Error) =>
      order.push(error.message),
    );
    await new Promise(setImmediate);
    order.push('ended');
    end();
    await all;
    expect(order).toEqual(['ended', 'no engine']);
  });
});
