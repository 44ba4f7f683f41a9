import { readRegularText } from '../../../platform/files/regularFile';
import { t } from '../l10n';

const limit = 16 * 1024 ** 2;

/** A line of a file of accounts, split at its colons. */
type Line = readonly string[];

/** Users and groups of this machine, as far as /etc/passwd and /etc/group have them. */
export class LocalAccounts {
  private users: Promise<Line[]> | undefined;
  private groups: Promise<Line[]> | undefined;

  constructor(
    private readonly passwdFile = '/etc/passwd',
    private readonly groupFile = '/etc/group',
  ) {}

  async userName(uid: number): Promise<string> {
    const name = (await this.passwd()).find((line) => line[2] === String(uid))?.[0];
    return name === undefined ? t('the user with the number {0}', uid) : t('the user {0} ({1})', name, uid);
  }

  async groupName(gid: number): Promise<string> {
    return (await this.group()).find((line) => line[2] === String(gid))?.[0] ?? String(gid);
  }

  /** Whether the group is the user's own and has nobody else in it; false where that is not known. */
  async isGroupOfOneself(gid: number, uid: number): Promise<boolean> {
    const users = await this.passwd();
    const [name, , , primary] = users.find((line) => line[2] === String(uid)) ?? [];
    const members = (await this.group()).find((line) => line[2] === String(gid))?.[3];
    if (name === undefined || members === undefined || primary !== String(gid)) return false;
    const others = members.split(',').filter((member) => member !== '' && member !== name);
    const sharers = users.filter((line) => line[3] === String(gid) && line[2] !== String(uid));
    return others.length + sharers.length === 0;
  }

  private passwd(): Promise<Line[]> {
    return (this.users ??= linesOf(this.passwdFile));
  }

  private group(): Promise<Line[]> {
    return (this.groups ??= linesOf(this.groupFile));
  }
}

async function linesOf(file: string): Promise<Line[]> {
  const text = await readRegularText(file, limit).catch(() => '');
  return text.split('\n').map((line) => line.trim().split(':'));
}
