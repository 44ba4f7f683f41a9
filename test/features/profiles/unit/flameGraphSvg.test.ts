import { describe, expect, it } from 'vitest';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { toFolded } from '../../../../src/features/profiles/core/formats/toFolded';

const read = (svg: string) => readProfile(Buffer.from(svg), 'graph.svg');
const g = (title: string, rect: string) =>
  `<g><title>${title}</title><rect ${rect} fill="red"/><text>x</text></g>`;

describe('The picture of a flame graph', () => {
  it('of flamegraph.pl is read from the bottom', async () => {
    const profile = await read(
      `<?xml version="1.0" standalone="no"?>\n<svg version="1.1" width="1200">` +
        g('a&lt;b&gt; (70 samples, 70.00%)', 'x="10.0" y="33" width="826.0" height="15.0"') +
        g('main (1,000 samples, 100%)', 'x="10.0" y="49" width="1180.0" height="15.0"').replace(
          '1,000',
          '100',
        ) +
        g('c (20 samples, 20.00%)', 'x="836.0" y="33" width="236.0" height="15.0"') +
        g('all (100 samples, 100%)', 'x="10.0" y="65" width="1180.0" height="15.0"') +
        '</svg>',
    );
    expect(profile.format).toBe('svg');
    expect([...toFolded(profile)].sort()).toEqual(['main 10\n', 'main;a<b> 70\n', 'main;c 20\n']);
  });

  it('of inferno and py-spy is read from the top, with places', async () => {
    const profile = await read(
      '<svg xmlns="http://www.w3.org/2000/svg"><svg id="frames" total_samples="9">' +
        g('all (9 samples, 100%)', 'x="0.0000%" y="36" width="100.0000%" height="15" fg:x="0" fg:w="9"') +
        g(
          'work (app.py:3) (9 samples, 100.00%)',
          'x="0%" y="52" width="100%" height="15" fg:x="0" fg:w="9"',
        ) +
        g(
          'leaf (app.py:9) (4 samples, 44.44%)',
          'x="0%" y="68" width="44.4%" height="15" fg:x="0" fg:w="4"',
        ) +
        '</svg></svg>',
    );
    expect([...toFolded(profile)].sort()).toEqual([
      'work (app.py:3) 5\n',
      'work (app.py:3);leaf (app.py:9) 4\n',
    ]);
  });

  it('is refused without boxes, whatever else it holds', async () => {
    await expect(read('<svg><script>alert(1)</script><title>x</title></svg>')).rejects.toMatchObject({
      code: 'FORMAT',
      message: 'graph.svg: the picture has no frames of a flame graph',
    });
  });
});
