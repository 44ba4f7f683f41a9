import { describe, expect, it } from 'vitest';
import { holdsSecret } from '../../../../src/features/runs/core/holdsSecret';

describe('A command line', () => {
  it.each([
    'PGPASSWORD=hunter2 psql',
    'deploy --token abc123',
    'deploy --api-key=abc123',
    'vault login -password hunter2',
    `curl -H 'Authorization: Bearer abcdefgh12345'`,
    'curl -u admin:hunter2 http://x',
    'git clone https://me:hunter2@example.com/x.git',
    'mysql -u root -phunter2',
    'sshpass -p hunter2 ssh x',
    'echo "secret: hunter2" > /etc/x',
    'export AWS=AKIAABCDEFGHIJKLMNOP',
  ])('%j seems to hold a secret', (command) => {
    expect(holdsSecret(command)).toBe(true);
  });

  it.each([
    'uptime',
    'systemctl status nginx',
    'grep -c token /var/log/app.log',
    'passwd -S root',
    'ls /etc/secrets',
    'psql --no-password -c "select 1"',
    'PGPASSWORD=$PGPASSWORD psql',
    'mysql -p -e "select 1"',
    'curl -u $USER http://x',
    'mkdir -p /tmp/x',
  ])('%j holds none', (command) => {
    expect(holdsSecret(command)).toBe(false);
  });
});
