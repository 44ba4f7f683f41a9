import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalAccounts } from '../../../src/shell/cli/hosts/localAccounts';

let folder: string;
let accounts: LocalAccounts;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'muster-accounts-'));
  const [passwd, group] = ['passwd', 'group'].map((name) => path.join(folder, name));
  const user = (name: string, uid: number, gid: number) => `${name}:x:${uid}:${gid}::/home/${name}:/bin/sh\n`;
  await writeFile(
    passwd!,
    user('alone', 1, 1) +
      user('joined', 2, 2) +
      user('first', 3, 3) +
      user('second', 4, 3) +
      user('unlisted', 5, 5),
  );
  await writeFile(group!, 'alone:x:1:alone\njoined:x:2:mallory\nshared:x:3:\nteam:x:9:alone\n');
  accounts = new LocalAccounts(passwd, group);
});

afterAll(() => rm(folder, { recursive: true }));

describe('A group is nobody else', () => {
  it.each([
    ['where its owner alone is in it', 1, 1, true],
    ['not where another is a member', 2, 2, false],
    ['not where it is the first group of another', 3, 3, false],
    ['not where it is another group of the owner', 9, 1, false],
    ['not where it is not in the list', 5, 5, false],
    ['not where the owner is not in the list', 1, 77, false],
  ])('%s', async (_, gid, uid, isOwn) => {
    expect(await accounts.isGroupOfOneself(gid, uid)).toBe(isOwn);
  });

  it('and has a name where the list has one', async () => {
    expect(await accounts.groupName(9)).toBe('team');
    expect(await accounts.groupName(10)).toBe('10');
    expect(await accounts.userName(3)).toBe('the user first (3)');
    expect(await accounts.userName(33)).toBe('the user with the number 33');
  });
});
