import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { scratchFolder } from '../../harness/scratchFolder';

const execute = promisify(execFile);

/** What a release of version 1.2.3 is refused for, in a clone with this changelog. */
async function reasonsAgainst(changelog: string, after: readonly string[][] = [], version = '1.2.3') {
  const clone = await scratchFolder({
    'package.json': JSON.stringify({ name: 'muster', version: '1.2.3' }),
    'package-lock.json': JSON.stringify({ version }),
    'CHANGELOG.md': changelog,
  });
  onTestFinished(() => clone[Symbol.asyncDispose]());
  const git = (...args: string[]) => execute('git', ['-C', clone.path, ...args]);
  await git('init', '--quiet');
  await git('add', '.');
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  await git(...author, 'commit', '--quiet', '--message', 'All');
  for (const args of after) await git(...args);
  const ended = execute(process.execPath, [resolve('scripts/release.mjs')], { cwd: clone.path });
  const { code, stderr } = await ended.then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  );
  return { code, reasons: stderr.trim().split('\n') };
}

const changelog = '# Changelog\n\n## 1.2.3\n\n- More.\n';

it('refuses to release a version whose tag exists', async () => {
  expect(await reasonsAgainst(changelog, [['tag', 'v1.2.3']])).toEqual({
    code: 1,
    reasons: ['v1.2.3 must not be released: the tag v1.2.3 exists. Raise "version" in package.json.'],
  });
});

it('refuses to release what differs from the commit', async () => {
  expect(await reasonsAgainst(changelog, [['rm', '--cached', '--quiet', 'CHANGELOG.md']])).toEqual({
    code: 1,
    reasons: ['v1.2.3 must not be released: files differ from the commit. Commit them first.'],
  });
});

it('refuses to release what the changelog does not name, and other versions of package-lock.json', async () => {
  expect(await reasonsAgainst('# Changelog\n\n## Unreleased\n\n- More.\n', [], '1.2.2')).toEqual({
    code: 1,
    reasons: [
      'v1.2.3 must not be released: package-lock.json says 1.2.2. Run npm install.',
      'v1.2.3 must not be released: CHANGELOG.md has no heading "## 1.2.3".',
      'v1.2.3 must not be released: CHANGELOG.md has changes below "## Unreleased".',
    ],
  });
});
