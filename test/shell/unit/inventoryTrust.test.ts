import { mkdir, mkdtemp, realpath, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InventoryTrust } from '../../../src/shell/cli/hosts/inventoryTrust';

describe.skipIf(process.platform === 'win32')('What is read of an inventory', () => {
  let folder: string;
  const at = (...names: string[]) => path.join(folder, ...names);
  const trust = () => new InventoryTrust({ XDG_CONFIG_HOME: at('config') });

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'muster-trust-')));
    for (const name of ['a', 'b']) {
      await mkdir(at(name, 'deep'), { recursive: true });
      await writeFile(at(name, 'deep', 'file'), name);
    }
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    { what: 'the file', before: ['a', 'deep', 'file'], after: ['b', 'deep', 'file'], rest: [] },
    { what: 'a folder on the way', before: ['a'], after: ['b'], rest: ['deep', 'file'] },
  ])(
    'is what was looked at, also where a link in place of $what leads elsewhere by then',
    async ({ before, after, rest }) => {
      await symlink(at(...before), at('link'));
      const reading = trust();
      const file = at('link', ...rest);
      expect(await reading.refusal(file)).toBeUndefined();
      await unlink(at('link'));
      await symlink(at(...after), at('link'));
      expect(await reading.read(file)).toBe('a');
      expect(await trust().refusal(file)).toBeUndefined();
      expect(await reading.read(file)).toBe('a');
    },
  );

  it('is nothing of a file that was not there when it was looked for', async () => {
    const reading = trust();
    expect(await reading.refusal(at('late'))).toBeUndefined();
    await writeFile(at('late'), 'late');
    await expect(reading.read(at('late'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await reading.refusal(at('late'))).toBeUndefined();
    expect(await reading.read(at('late'))).toBe('late');
  });

  it('is what the system reads where “..” stands behind a link', async () => {
    await symlink('a/deep', at('into'));
    await symlink('into/../deep/./file', at('link'));
    const reading = trust();
    expect(await reading.refusal(at('link'))).toBeUndefined();
    expect(await reading.read(at('link'))).toBe('a');
  });

  it('is nothing of links that lead to one another', async () => {
    await symlink('two', at('one'));
    await symlink('one', at('two'));
    for (const file of [at('one'), at('one', 'file')]) {
      const reading = trust();
      expect(await reading.refusal(file)).toBeUndefined();
      await expect(reading.read(file)).rejects.toMatchObject({ code: 'ELOOP' });
    }
  });
});
