import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error a script, without types
import { bundles as allBundles } from '../../../scripts/build.mjs';
// @ts-expect-error a script, without types
import * as notices from '../../../scripts/thirdPartyNotices.mjs';

const bundles = allBundles as BuildOptions[];
const { noticeOf, writeNotices } = notices as {
  noticeOf(this: void, folder: string): Promise<{ text: string }>;
  writeNotices(this: void, file: string, metafiles: readonly Metafile[], hasPages: boolean): Promise<void>;
};

describe('The notices of third parties', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-notices-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('hold every package of every bundle with the text of its licence, and those in speedscope', async () => {
    const metafiles: Metafile[] = [];
    for (const bundle of bundles) {
      const plugins = bundle.plugins?.filter(({ name }) => name !== 'written-as-common-js');
      const quick = { minify: false, sourcemap: false, write: false, metafile: true } as const;
      metafiles.push((await build({ ...bundle, ...quick, ...(plugins && { plugins }) })).metafile);
    }
    const file = join(folder, 'notices.txt');
    await writeNotices(file, metafiles, true);
    const text = await readFile(file, 'utf8');
    const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
    const packages = new Set(
      inputs.flatMap((input) => {
        const at = input.lastIndexOf('node_modules/');
        if (at < 0) return [];
        const words = input.slice(at + 'node_modules/'.length).split('/');
        return [
          input.slice(0, at) + `node_modules/${words.slice(0, words[0]!.startsWith('@') ? 2 : 1).join('/')}`,
        ];
      }),
    );
    expect(packages.size).toBeGreaterThan(70);
    for (const one of packages) {
      const { name, version } = JSON.parse(await readFile(join(one, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      const part = text.split(`${'='.repeat(80)}\n`).find((part) => part.startsWith(`${name} ${version}\n`));
      expect(part, name).toMatch(
        /permission|redistribution|licen[cs]ed? under|public domain|creative commons/i,
      );
      expect(part!.length, name).toBeGreaterThan(500);
    }
    for (const name of [
      'ssh2 ',
      'yaml ',
      'zod ',
      '@grpc/grpc-js ',
      'etcd3 ',
      'speedscope ',
      'preact (in speedscope)',
    ])
      expect(text).toContain(`\n${name}`);
    expect(text).toMatch(/@vscode\/codicons [\d.]+\nCC-BY-4\.0\n\nAttribution 4\.0 International/);
  }, 120_000);

  it.each([
    [{ license: 'MIT' }, '', 'odd-package: it is bundled and brings no text of its licence'],
    [{ license: 'GPL-3.0' }, 'GNU', 'odd-package: the licence GPL-3.0 is not one'],
    [{}, 'Some text', 'odd-package: the licence undefined is not one'],
  ])('fail the build by name for a package with %j and the text %j', async (more, text, message) => {
    const one = join(folder, 'node_modules/odd-package');
    await mkdir(one, { recursive: true });
    await writeFile(
      join(one, 'package.json'),
      JSON.stringify({ name: 'odd-package', version: '1.0.0', ...more }),
    );
    await writeFile(join(one, 'LICENSE'), text);
    await expect(noticeOf(one)).rejects.toThrow(message);
  });
});
