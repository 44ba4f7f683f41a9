import { describe, expect, it } from 'vitest';
import { groupedByLabel } from '../../../../src/features/profiles/core/analysis/groupedByLabel';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import { labelledProfile } from '../../../../src/features/profiles/core/model/labelledProfile';
import { labelText, labelWeights } from '../../../../src/features/profiles/core/analysis/labelWeights';
import { mergeProfiles } from '../../../../src/features/profiles/core/analysis/mergeProfiles';
import type { Label, Profile } from '../../../../src/features/profiles/core/model/profile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { toFolded } from '../../../../src/features/profiles/core/formats/toFolded';
import { toPprof } from '../../../../src/features/profiles/core/formats/toPprof';
import { pprofOf } from './encodedPprof';

const acme = { key: 'tenant', value: 'acme' };
const initech = { key: 'tenant', value: 'initech' };
const small: Label = { key: 'bytes', value: 64 };
const large: Label = { key: 'bytes', value: 2048, unit: 'bytes' };
const read = () =>
  readProfile(
    pprofOf([
      [['main', 'serve', 'query'], 30, [acme, large]],
      [['main', 'serve', 'query'], 10, [initech]],
      [['main', 'serve', 'query'], 20, [small, acme]],
      [['main', 'serve'], 5, [initech]],
      [['main', 'idle'], 35, []],
    ]),
    'file',
  );
/** `key=value: weight` */
const weights = (profile: Profile) =>
  labelWeights(profile).flatMap(({ key, values }) =>
    values.map((one) => `${key}=${labelText(key, one)}: ${one.weight}`),
  );
const top = (profile: Profile) =>
  hotFunctions(profile).functions.map(({ name, self, total }) => `${name}: ${self}/${total}`);
const folded = (profile: Profile) => [...toFolded(profile)].map((line) => line.trim()).sort();

describe('Labels of samples', () => {
  it('do not keep identical stacks apart, and are added up by key and value', async () => {
    const profile = await read();
    expect(profile.tree.frame).toHaveLength(5);
    expect(top(profile)).toEqual(['query: 60/60', 'idle: 35/35', 'serve: 5/65', 'main: 0/100']);
    expect(weights(profile)).toEqual([
      ...['tenant=acme: 50', 'tenant=initech: 15'],
      ...['bytes=2kB: 30', 'bytes=64B: 20'],
    ]);
    expect(labelWeights(profile).map(({ key, total }) => `${key}: ${total}`)).toEqual([
      'tenant: 65',
      'bytes: 50',
    ]);
  });

  it.each([
    ['of any value', [{ key: 'tenant' }], ['query: 60/60', 'serve: 5/65', 'main: 0/65']],
    ['of one value', [{ key: 'tenant', value: 'initech' }], ['query: 10/10', 'serve: 5/15', 'main: 0/15']],
    ['of a number', [{ key: 'bytes', value: '2048' }], ['query: 30/30', 'main: 0/30', 'serve: 0/30']],
    [
      'whose value matches, and of another key',
      [{ key: 'tenant', pattern: '^(ac|in)' }, { key: 'bytes' }],
      ['query: 50/50', 'main: 0/50', 'serve: 0/50'],
    ],
    ['of nobody', [{ key: 'tenant', value: 'acm' }], []],
  ])('select samples: %s', async (_, filters, expected) => {
    const selected = labelledProfile(await read(), filters);
    expect(top(selected)).toEqual(expected);
  });

  it('go with the samples that were selected', async () => {
    expect(weights(labelledProfile(await read(), [{ key: 'bytes' }]))).toEqual([
      ...['bytes=2kB: 30', 'bytes=64B: 20', 'tenant=acme: 50'],
    ]);
  });

  it('make groups, of the samples without one as well', async () => {
    const grouped = groupedByLabel(await read(), 'tenant');
    expect(folded(grouped)).toEqual([
      'tenant: (none);main;idle 35',
      'tenant: acme;main;serve;query 50',
      'tenant: initech;main;serve 5',
      'tenant: initech;main;serve;query 10',
    ]);
    expect(weights(grouped)).toEqual(weights(await read()));
  });

  it('are kept in pprof, and where profiles of several hosts are one', async () => {
    const profile = await read();
    const again = await readProfile(await toPprof(profile), 'again');
    expect(weights(again)).toEqual(weights(profile));
    expect(top(again)).toEqual(top(profile));
    const merged = mergeProfiles([
      { name: 'web-1', profile },
      { name: 'web-2', profile: labelledProfile(profile, [initech]) },
    ]);
    expect(weights(merged)).toEqual([
      ...['tenant=acme: 50', 'tenant=initech: 30'],
      ...['bytes=2kB: 30', 'bytes=64B: 20'],
    ]);
    expect(folded(labelledProfile(merged, [initech])).filter((line) => line.startsWith('web-2'))).toEqual([
      'web-2;main;serve 5',
      'web-2;main;serve;query 10',
    ]);
  });
});
