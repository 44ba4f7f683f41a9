import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readingHostList } from '../../../../src/platform/inventory/importing/hostList';
import { readHostTable } from '../../../../src/platform/inventory/importing/hostTable';
import { readOfFile } from '../../../../src/platform/inventory/importing/importedHosts';
import { loadInventory } from '../../../harness/inventories';
import { finish } from '../../../../src/platform/inventory/steps';
import { KnownHosts } from '../../../../src/platform/transport/ssh/trust/knownHosts';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { readPrefixFile } from '../../../../src/features/etcd/core/compare/readPrefixFile';

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
});

/** Files that are there on many machines; what must not be shown begins with `hunter2`, or is in the key. */
const files: Record<string, string> = {
  shadow: `root:$6$hunter2salt$hunter2hash:19000:0:99999:7:::
daemon:*:19000:0:99999:7:::
mallory:!hunter2:19000:0:99999:7:::
backup:hunter2plain:19000:0:99999:7:::
`,
  environment: `API_KEY=hunter2
export DB_PASSWORD="hunter2 and more"
plain hunter2
hunter2
hunter2-open "quote
`,
  netrc: 'machine example.com login bob password hunter2\n',
  pgpass: 'db.example.com:5432:app:user:hunter2\n',
  credentials: '[default]\naws_access_key_id = hunter2\naws_secret_access_key = hunter2/xyz\nother=hunter2\n',
  'my.cnf': '[client]\nuser=root\npassword=hunter2\nhunter2="open\n',
  gitconfig: '[url "https://hunter2@example.com/"]\n\tinsteadOf = https://example.com/\n[hunter2]x\n',
  'secret.yaml': 'apiVersion: v1\nkind: Secret\ndata:\n  password: hunter2\n  hunter2: x\n  hunter2: y\n',
  'secret.json': '{"hunter2": "hunter2", "x": [1, hunter2] }',
  'odd.yaml': '---\n- !hunter2 x\n- *hunter2\n- &hunter2 "\\hunter2"\n- |hunter2\n- "hunter2\n',
  'directives.yaml': '%hunter2 x\n%YAML hunter2\n---\nhunter2: { hunter2 }: [\n',
  'stack.yaml': 'services:\n  web: { environment: { PASSWORD: hunter2, hunter2: } }\nhunter2: 1\n',
  id_rsa: key.toString(),
};

const secrets = ['hunter2', ...key.toString().split('\n').slice(1, -2)].map((secret) =>
  secret.slice(0, 40).toLowerCase(),
);

function expectNoSecret(said: unknown): void {
  const text = JSON.stringify(said, (_, value: unknown) =>
    value instanceof Error ? { ...value, message: value.message } : value,
  ).toLowerCase();
  for (const secret of secrets) expect(text).not.toContain(secret);
}

async function said(text: string, readFile: (file: string) => string) {
  const inventory = await loadInventory('/muster.yaml', {
    readFile: (file) => Promise.resolve(file === '/muster.yaml' ? text : readFile(file)),
    readFolder: () => Promise.resolve([]),
  });
  return {
    hosts: [...inventory.hosts.keys()],
    groups: [...inventory.groups.keys()],
    problems: inventory.problems,
  };
}

describe('A file of another kind', () => {
  describe.each(Object.keys(files))('(%s)', (name) => {
    it.each(['muster', 'ansible', 'sshConfig'])(
      'that is imported as %s is reported, and nothing of it is shown',
      async (kind) => {
        const { hosts, groups, problems } = await said(
          `hosts: { own: }\nimports: [{ ${kind}: /${name} }]\n`,
          () => files[name]!,
        );
        expectNoSecret({ hosts, groups, problems });
        expect(hosts).toContain('own');
        expect(problems.length).toBeGreaterThan(0);
      },
    );

    it('is reported once where it has no key that is known', async () => {
      const { problems } = await said('imports: [{ muster: /other }]\n', () => files[name]!);
      expect(problems.filter(({ range }) => range.file === '/other')).toHaveLength(1);
    });

    it('may be the inventory itself', async () => {
      const { problems } = await said(files[name]!, () => '');
      expectNoSecret(problems);
      expect(problems).toHaveLength(1);
    });

    it('may be chosen as a list or a table of hosts', async () => {
      const list = readOfFile(finish(readingHostList(files[name]!)));
      if (list.hosts.length === 0) expect(list.refused).toMatchObject([{ line: 1, text: '' }]);
      expectNoSecret(list.refused.map(({ reason }) => reason).filter(() => list.hosts.length === 0));
      const table = await readHostTable(files[name]!).catch((error: unknown) => error);
      if (table instanceof Error) expectNoSecret(table.message);
    });

    it('may be named as known_hosts, a profile or a file of keys', async () => {
      try {
        expectNoSecret(new KnownHosts('/x', files[name]!).unreadableLines);
      } catch (error) {
        expectNoSecret((error as Error).message);
      }
      const told: unknown[] = [];
      for (
        let error: unknown = await readProfile(Buffer.from(files[name]!), name).catch(
          (thrown: unknown) => thrown,
        );
        error instanceof Error;
        error = error.cause
      )
        told.push(error.message, 'hint' in error ? error.hint : undefined);
      expect(told.length).toBeGreaterThan(0);
      expectNoSecret(told);
      // Any mapping is a file of keys.
      if (name === 'secret.yaml') return;
      const { problems } = await readPrefixFile(Buffer.from(files[name]!), { file: name, separator: '/' });
      expectNoSecret(problems);
    });
  });

  it('is told from an inventory with mistakes, of which all is said', async () => {
    const inventory = 'hsots: { a: }\nfoo: 1\n';
    expect((await said(inventory, () => '')).problems.map(({ message }) => message)).toEqual([
      'unknown key “hsots”',
      'unknown key “foo”',
    ]);
    const ansible = '[web]\nweb-1 ansible_user=x port\nb@d\n[all:vars]\nx\n';
    const { hosts, problems } = await said('imports: [{ ansible: /hosts }]\n', () => ansible);
    expect(hosts).toEqual(['web-1']);
    expect(problems.map(({ message }) => message)).toEqual([
      'expected variable=value, found “port”',
      '“b@d” is not a name: use letters, digits, “.”, “_”, “-” and “:”, and do not begin with “-”',
      'expected variable=value',
    ]);
  });

  it('is not a list of hosts of which a line is odd', async () => {
    const { hosts, problems } = await said('imports: [{ ansible: /hosts }]\n', () => 'a\nb\nwhat is this\n');
    expect(hosts).toEqual(['a', 'b', 'what']);
    expect(problems.map(({ message, range }) => `${range.line} ${message}`)).toEqual([
      '3 expected variable=value',
    ]);
  });
});
