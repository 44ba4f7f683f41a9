import { access, constants } from 'node:fs/promises';

/** Where systems keep OpenSSH's sftp-server: Debian, Fedora, Arch and Alpine, macOS. */
const places = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/sftp-server',
];

let found: Promise<string | undefined> | undefined;

/** The machine's own sftp-server; undefined where there is none. */
export function findSftpServer(): Promise<string | undefined> {
  return (found ??= search());
}

async function search(): Promise<string | undefined> {
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return undefined;
}
