import { expect, it } from 'vitest';
// @ts-expect-error a script, without types
import * as script from '../../../scripts/sbom.mjs';

interface Bundled {
  name: string;
  version: string;
  licence: string;
}
const sbom = script.sbom as (
  manifest: { name: string; version: string; license: string },
  source: { commit: string | null; date: string | null },
  bundled: readonly Bundled[],
  nodeVersions: readonly string[],
) => Promise<string>;

const muster = { name: 'muster', version: '1.2.3', license: 'MIT' };
const unknown = { commit: null, date: null };

it('lists what is bundled, parts of other packages and Node.js', async () => {
  const bundled = [
    { name: '@grpc/grpc-js', version: '1.14.7', licence: 'Apache-2.0' },
    { name: 'pako (in speedscope)', version: '', licence: '(MIT AND Zlib)' },
  ];
  const text = await sbom(muster, { commit: 'abc', date: '2026-12-01' }, bundled, ['24.22.3']);
  const { metadata, components } = JSON.parse(text) as { metadata: unknown; components: unknown[] };
  expect(metadata).toMatchObject({
    timestamp: '2026-12-01T00:00:00Z',
    component: { name: 'muster', version: '1.2.3', properties: [{ name: 'commit', value: 'abc' }] },
  });
  expect(components).toMatchObject([
    { purl: 'pkg:npm/%40grpc/grpc-js@1.14.7', licenses: [{ license: { id: 'Apache-2.0' } }] },
    { name: 'pako', description: 'part of speedscope', licenses: [{ expression: '(MIT AND Zlib)' }] },
    { name: 'node', version: '24.22.3' },
  ]);
});

it('is refused when it names a licence that SPDX does not know', async () => {
  const bundled = [{ name: 'a', version: '1.0.0', licence: 'Mine' }];
  await expect(sbom(muster, unknown, bundled, [])).rejects.toThrow('The SBOM is not valid');
});
