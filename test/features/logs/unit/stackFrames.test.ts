import { describe, expect, it } from 'vitest';
import { stackFrameIn } from '../../../../src/features/logs/core/recognise/stackFrames';
import { cpuMs } from '../../../harness/cpuMs';

describe('The place in source code that a line names', () => {
  it.each([
    ['Go', '\t/srv/app/orders/submit.go:123 +0x1d', { file: '/srv/app/orders/submit.go', line: 123 }],
    [
      'Go loggers',
      'level=error caller=orders/submit.go:42 msg=failed',
      { file: 'orders/submit.go', line: 42 },
    ],
    [
      'Python',
      '  File "/srv/app/orders.py", line 12, in submit',
      { file: '/srv/app/orders.py', line: 12, name: 'submit' },
    ],
    [
      'Java',
      '\tat com.shop.orders.OrderService.submit(OrderService.java:42)',
      { file: 'com/shop/orders/OrderService.java', line: 42, name: 'com.shop.orders.OrderService.submit' },
    ],
    ['Java modules', '\tat app//com.shop.Main.main(Main.java:7)', { file: 'com/shop/Main.java', line: 7 }],
    [
      'Node',
      '    at submit (/srv/app/orders.js:12:5)',
      { file: '/srv/app/orders.js', line: 12, column: 5, name: 'submit' },
    ],
    [
      'Node without a name',
      '    at /srv/app/orders.js:12:5',
      { file: '/srv/app/orders.js', line: 12, column: 5 },
    ],
    [
      'Node modules',
      '    at async main (file:///srv/app/main.mjs:3:1)',
      { file: '/srv/app/main.mjs', line: 3, name: 'main' },
    ],
  ])('of %s', (_language, text, frame) => {
    expect(stackFrameIn(text)).toMatchObject(frame);
  });

  it('tells where it stands', () => {
    const text = '  File "/srv/app/orders.py", line 12, in submit';
    const { start, end } = stackFrameIn(text)!;
    expect(text.slice(start, end)).toBe('/srv/app/orders.py", line 12');
  });

  it.each(['took 12:30:05', 'http://host:80/a.js', 'at noon (local)', '', 'x'.repeat(100_000)])(
    'is none in %.20s',
    (text) => {
      expect(stackFrameIn(text)).toBeUndefined();
    },
  );

  it('is looked for in linear time', async () => {
    const ms = await cpuMs(() => {
      stackFrameIn(`at ${'a.'.repeat(50_000)}(`);
      stackFrameIn(`${'a/'.repeat(50_000)}.go:`);
      stackFrameIn(`File "${'a'.repeat(100_000)}`);
    });
    expect(ms).toBeLessThan(500);
  });
});
