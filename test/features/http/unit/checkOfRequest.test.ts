import { expect, it } from 'vitest';
import { checks } from '../../../../src/features/checks/core/check';
import { checkOfRequest } from '../../../../src/features/http/core/file/checkOfRequest';
import { parseHttpFile } from '../../../../src/features/http/core/file/httpFile';
import { additions, changed } from '../../../../src/platform/inventory/importing/editDocument';
import { parseInventory } from '../../../harness/inventories';
import { scratchFolder } from '../../../harness/scratchFolder';
import { untilTestEnds } from '../../../harness/untilTestEnds';

const made = async (text: string, folder = '/', directory = folder) => {
  const file = parseHttpFile(text);
  expect(file.problems).toEqual([]);
  return checkOfRequest(file.requests[0]!, file, ['@web', 'db'], { folder, directory });
};

it('A request becomes a check that sends the same and expects what the file does', async () => {
  const { path } = untilTestEnds(await scratchFolder({ 'a.json': '{"size":1}' }));
  const { value, isReaddressed } = await made(
    `@base = localhost:8080
# @expect status: [200, 2xx]
# @expect json: { $.a: 1 }
# @no-redirect
POST {{base}}/_search
Content-Type: application/json
X-Greeting: {name}

< ./a.json
`,
    path,
  );
  expect({ value, isReaddressed }).toEqual({
    isReaddressed: true,
    value: {
      ...{ type: 'http', on: ['@web', 'db'], url: 'http://{address}:8080/_search', method: 'POST' },
      // In a check, these would stand for the name of the host.
      headers: { 'Content-Type': 'application/json', 'X-Greeting': '{{name}}' },
      ...{ body: '{"size":1}', followRedirects: false },
      expect: { status: [200, '2xx'], json: { '$.a': 1 } },
    },
  });
  const before = '# ours\nhosts:\n  db: { address: db } # kept\n  w: {}\ngroups: { web: { hosts: [w] } }\n';
  const after = changed(before, [additions(before, 'checks', [{ key: 'search', value }])]);
  expect(after.startsWith(before)).toBe(true);
  const inventory = parseInventory(after, 'muster.yaml');
  expect(inventory.problems).toEqual([]);
  expect(inventory.section(checks).get('search')).toMatchObject({ type: 'http', hosts: ['db', 'w'] });
});

it('A check reaches the server as the request does, with files named from the inventory', async () => {
  const { path } = untilTestEnds(await scratchFolder({ 'http/ca.pem': '', 'http/c.pem': '' }));
  const text =
    '# @unix-socket /run/app.sock\n# @cacert ca.pem\n# @cert c.pem\n# @key c.pem\n# @insecure\nGET https://localhost/x';
  expect((await made(text, `${path}/http`, path)).value).toMatchObject({
    ...{ url: 'https://localhost/x', socket: '/run/app.sock' },
    tls: { ca: 'http/ca.pem', cert: 'http/c.pem', key: 'http/c.pem', insecure: true },
  });
});

it.each([
  ['GET http://[::1]/x', 'http://{address}/x'],
  ['GET http://127.0.0.1', 'http://{address}'],
  ['GET https://localhost.example.com/', 'https://localhost.example.com/'],
  ['GET http://{address}:9200/?a={label.env}', 'http://{address}:9200/?a={label.env}'],
  ['GET example.com/a', 'http://example.com/a'],
])('%s is sent by the check to %s', async (text, url) => {
  expect((await made(text)).value['url']).toBe(url);
});

it.each([
  ['GET http://a/\nAuthorization: Bearer {{$secret TOKEN}}', '{{$secret TOKEN}} is a secret'],
  ['@t = {{$guid}}\nGET http://a/{{t}}', '{{$guid}} is a secret, or another value each time'],
  ['GET http://a/{{login.response.body.$.id}}', '{{login.response.body.$.id}} is a secret'],
  ['PURGE http://a/', 'a check cannot send PURGE'],
  ['GET http://a/\nX-A: 1\nx-a: 2', 'a check sends the header x-a once'],
])('%j is no check', async (text, message) => {
  await expect(made(text)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(message),
  });
});
