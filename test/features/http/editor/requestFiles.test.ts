import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as bodyOf } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import {
  type CodeLens,
  commands,
  ConfigurationTarget,
  env,
  languages,
  TabInputTextDiff,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import { SshdWorkspace } from '../../../harness/editor/sshdWorkspace';
import { until } from '../../../harness/until';

const { showWarningMessage, showInputBox, showQuickPick, showOpenDialog } = window;
const { showInformationMessage, showErrorMessage } = window;
const editorItself = { showWarningMessage, showInputBox, showQuickPick, showOpenDialog };
const messagesItself = { showInformationMessage, showErrorMessage };

describe('Files of requests', () => {
  let place: SshdWorkspace;
  let server: Server;
  let base: string;
  let inventory: string;
  /** What the server heard, bodies included. */
  const asked: { request: IncomingMessage; body: string }[] = [];
  /** What a person reads, and what they answer next. */
  let shown: string[];
  let answers: (string | undefined)[];
  let opened = 0;

  before(async () => {
    place = await SshdWorkspace.create(1);
    const host = place.host(place.daemons[0]!);
    inventory = `# kept
hosts:
  web-1: { ${host} }
  web-2: { ${host} }
  web-3: { ${host} }
  live: { ${host}, labels: { env: prod } } # kept, too
  still: { ${host} }
groups: { web: { hosts: [web-1, web-2, web-3] }, frozen: { hosts: [still], readOnly: true } }
`;
    server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        asked.push({ request, body });
        const [, path, name] = request.url!.split('/');
        if (path === 'hang') return;
        response.writeHead(name === 'web-3' ? 502 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ id: 1, said: body, by: request.headers.authorization }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await place.show(inventory);
  });
  after(async () => {
    await commands.executeCommand('workbench.action.files.revert');
    server.closeAllConnections();
    server.close();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    asked.length = 0;
    shown = [];
    answers = [];
    const answering = (message: string) => {
      shown.push(message);
      return Promise.resolve(answers.shift());
    };
    const asking = ({ title, prompt }: { title?: string; prompt?: string }) =>
      answering(`${title}: ${prompt}`);
    Object.assign(window, { showWarningMessage: answering, showInputBox: asking });
    const telling = (message: string) => {
      shown.push(message);
      return Promise.resolve(undefined);
    };
    Object.assign(window, { showInformationMessage: telling, showErrorMessage: telling });
  });
  afterEach(async () => {
    Object.assign(window, editorItself, messagesItself);
    await commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
  });

  // Each has a name of its own: what changes of a file that was just opened is noticed late.
  const open = async (text: string): Promise<TextDocument> => {
    const file = join(place.folder, `requests-${++opened}.http`);
    await writeFile(file, text);
    const document = await workspace.openTextDocument(Uri.file(file));
    await window.showTextDocument(document, { preview: false });
    return document;
  };
  const lenses = async ({ uri }: TextDocument) => {
    const found = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri);
    return found.map(({ range, command }) => `${range.start.line + 1} ${command!.title}`);
  };
  const send = (document: TextDocument, line: number) =>
    commands.executeCommand('muster.sendRequest', { uri: document.uri.toString(), line });
  /** The text of the response that is shown, as the editor has it. */
  const response = () => {
    const editor = window.visibleTextEditors.find(({ document }) => document.uri.scheme === 'muster-http');
    assert.ok(editor, `a response; shown: ${shown.join('; ')}`);
    return { text: editor.document.getText(), language: editor.document.languageId };
  };

  it('have lenses over every request, also where nothing is saved', async () => {
    const text = [
      ...['@base = http://a', '', '   GET {{base}}/', ''],
      ...['### Log in', '# @name login', '# @hosts @web', 'POST {{base}}/login', '', '{}', ''],
      ...['###', '# GET http://commented/', ''],
    ].join('\n');
    const wanted = [
      ...['3 Save as Check', '3 Send', '3 Send from Hosts…'],
      ...['8 Save as Check', '8 Send from @web', '8 Send from Hosts…'],
    ];
    const file = await open(text);
    assert.equal(file.languageId, 'http');
    assert.deepEqual((await lenses(file)).sort(), wanted);
    // Huachao/vscode-restclient #131 and #1253.
    const unsaved = await workspace.openTextDocument({ language: 'http', content: text });
    assert.deepEqual((await lenses(unsaved)).sort(), wanted);
  });

  it('show what cannot be read as warnings, and are not sent', async () => {
    const document = await open(
      `GET ${base}/\n\n> {% client.test() %}\n\n###\nGET ${base}/b\n# @expect stauts: 1\n`,
    );
    const problems = await until('the problems', () => {
      const found = languages.getDiagnostics(document.uri);
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(
      problems.map(({ range, source }) => [range.start.line + 1, source]),
      [
        [3, 'Muster'],
        [7, 'Muster'],
      ],
    );
    await send(document, 1).then(undefined, () => {});
    assert.match(shown.join(), /The file has problems, so nothing was sent\. Line 3: scripts are not run/);
    assert.equal(asked.length, 0);
  });

  it('are sent from the host that they name, and the focus stays', async () => {
    const document = await open(`@base = ${base}\n\n# @hosts web-1\nGET {{base}}/{name}\n`);
    await send(document, 4);
    const { text, language } = response();
    assert.equal(language, 'jsonc');
    assert.match(
      text,
      /^\/\/ GET \{\{base\}\}\/\{name\}\n\/\/ web-1 · 200 OK · .* · 18 B\n\/\/ ssh .* · wait .*\n/,
    );
    assert.match(
      text,
      /\n\/\/ HTTP\/1 200 OK\n\/\/ content-type: application\/json\n[^]*\n\n\{\n {2}"id": 1,\n/,
    );
    assert.deepEqual(
      asked.map(({ request }) => [request.method, request.url]),
      [['GET', '/web-1']],
    );
    // Huachao/vscode-restclient #423.
    assert.equal(window.activeTextEditor?.document.uri.toString(), document.uri.toString());
    assert.deepEqual(shown, []);
  });

  it('are sent from this machine or from hosts that are chosen, where they name none', async () => {
    const document = await open(`GET ${base}/a\n`);
    let titles: string[] = [];
    Object.assign(window, {
      showQuickPick: (items: { label: string }[]) => {
        titles = items.map(({ label }) => label);
        return Promise.resolve(items[0]);
      },
    });
    await send(document, 1);
    assert.deepEqual(titles, ['$(vm) This Machine', '$(server-process) Hosts…']);
    assert.match(response().text, /\/\/ localhost · 200 OK/);
  });

  it('fold what many hosts answer, and compare two groups in the diff editor', async () => {
    const document = await open(`# @hosts @web\nGET ${base}/x/{name}\n`);
    await send(document, 2);
    const { text, language } = response();
    assert.equal(language, 'muster-run');
    assert.match(text, /# Responses 2 hosts: 200, same body; 1: 502\n/);
    assert.match(text, /──── web-3 \(1 host\) · 502 Bad Gateway ────\nHTTP\/1 502 Bad Gateway\n/);
    assert.match(text, /──── web-\[1-2\] \(2 hosts\) · 200 OK ────\n[^]*\n\n\[the same body as web-3\]\n/);
    const editor = window.visibleTextEditors.find(({ document: one }) => one.uri.scheme === 'muster-http')!;
    await window.showTextDocument(editor.document, { viewColumn: editor.viewColumn, preview: false });
    await commands.executeCommand('muster.compareResponses');
    const input = await until('a diff', () => {
      const tab = window.tabGroups.activeTabGroup.activeTab?.input;
      return tab instanceof TabInputTextDiff ? tab : undefined;
    });
    const [from, to] = await Promise.all(
      [input.original, input.modified].map(async (uri) => (await workspace.openTextDocument(uri)).getText()),
    );
    assert.match(from!, /^\/\/ HTTP\/1 502 Bad Gateway\n\/\/ content-type: application\/json\n/);
    assert.equal(from!.replace('502 Bad Gateway', '200 OK'), to);
  });

  it('ask before what changes something goes to several or protected hosts, and refuse read-only ones', async () => {
    const document = await open(
      ['@web', 'web-1', 'live', 'still'].map((on) => `# @hosts ${on}\nPOST ${base}/\n\n{}\n###\n`).join(''),
    );
    await send(document, 2);
    assert.match(shown.join(), /Send POST http:\S+ from 3 hosts\?/);
    assert.equal(asked.length, 0);
    answers = ['Send'];
    await send(document, 2);
    assert.deepEqual(
      asked.map(({ body }) => body),
      ['{}', '{}', '{}'],
    );
    shown = [];
    await send(document, 7);
    assert.deepEqual([shown, asked.length], [[], 4]);
    answers = ['Continue…', 'live'];
    await send(document, 12);
    assert.match(shown.join(), /Send from protected hosts \(1 host\): Type “live” to send POST/);
    assert.equal(asked.length, 5);
    shown = [];
    await send(document, 17).then(undefined, () => {});
    assert.match(shown.join(), /read-only/);
    assert.equal(asked.length, 5);
  });

  it('take secrets that a person enters for one server, and ask before another one gets them', async () => {
    const one = `# @hosts web-1\nGET ${base}/\nAuthorization: Bearer {{$secret HTTPUI_TOKEN}}\n`;
    const document = await open(`${one}###\n${one.replace('127.0.0.1', 'localhost')}`);
    await send(document, 2).then(undefined, () => {});
    assert.match(shown.join(), /Secret HTTPUI_TOKEN for http:\/\/127\.0\.0\.1:\d+/);
    assert.match(shown.join(), /the secret “HTTPUI_TOKEN” is not known/);
    assert.equal(asked.length, 0);
    answers = ['s3cr3t-t0ken'];
    await send(document, 2);
    assert.equal(asked[0]!.request.headers.authorization, 'Bearer s3cr3t-t0ken');
    assert.match(response().text, /"by": "Bearer •••"/);
    await send(document, 2);
    assert.equal(asked.length, 2);
    shown = [];
    await send(document, 6).then(undefined, () => {});
    assert.match(shown.join(), /Send the password that is kept for \$secret HTTPUI_TOKEN\?/);
    assert.equal(asked.length, 2);
    await commands.executeCommand('muster.forgetRequestSecret', { uri: document.uri.toString(), line: 2 });
    shown = [];
    await send(document, 2).then(undefined, () => {});
    assert.match(shown.join(), /Secret HTTPUI_TOKEN for/);
    assert.equal(asked.length, 2);
  });

  it('take variables of the environment once a person has agreed', async () => {
    process.env['HTTPUI_ENV'] = 'of-the-environment';
    try {
      const document = await open(`# @hosts web-1\nGET ${base}/\nAuthorization: {{$secret HTTPUI_ENV}}\n`);
      await send(document, 2).then(undefined, () => {});
      assert.match(shown[0]!, /Send the environment variable HTTPUI_ENV to http:\/\/127\.0\.0\.1:\d+\?/);
      assert.equal(asked.length, 0);
      answers = ['Send'];
      await send(document, 2);
      await send(document, 2);
      assert.deepEqual(
        asked.map(({ request }) => request.headers.authorization),
        ['of-the-environment', 'of-the-environment'],
      );
    } finally {
      delete process.env['HTTPUI_ENV'];
    }
  });

  it('stop with the work on hosts, and the document says so', async () => {
    const document = await open(`# @hosts web-1\nGET ${base}/hang\n`);
    const sent = send(document, 2);
    await until('the request', () => asked.length === 1);
    await commands.executeCommand('muster.cancel');
    await sent;
    assert.match(response().text, /# web-1 · CANCELLED · /);
  });

  for (const [mode, saying] of [
    ['off', 'Nothing is saved yet.'],
    ['onWindowChange', 'VS Code saves it by itself, as Auto Save is on.'],
  ] as const)
    it(`become checks in a muster.yaml that Muster does not save, in which every comment stays, with Auto Save ${mode}`, async () => {
      const settings = workspace.getConfiguration('files');
      await settings.update('autoSave', mode, ConfigurationTarget.Global);
      try {
        const document = await open(`# @name health\n# @hosts @web\n# @expect status: 200\nGET ${base}/\n`);
        answers = ['health'];
        await commands.executeCommand('muster.saveRequestAsCheck', { uri: document.uri.toString(), line: 4 });
        const written = window.activeTextEditor!.document;
        assert.equal(written.uri.fsPath, join(place.folder, 'muster.yaml'));
        const port = new URL(base).port;
        assert.equal(
          written.getText(),
          `${inventory}\nchecks:\n  health: { type: http, on: "@web", url: "http://{address}:${port}/", expect: { status: 200 } }\n`,
        );
        assert.equal(await readFile(written.uri.fsPath, 'utf8'), inventory);
        assert.ok(shown.join().includes(`The check “health” was added. ${saying} Checks are sent from`));
      } finally {
        await commands.executeCommand('workbench.action.files.revert');
        await settings.update('autoSave', undefined, ConfigurationTarget.Global);
      }
    });

  it('go to a server that is not verified once a person has agreed, and the response says so', async () => {
    const document = await open(`# @hosts web-1\n# @insecure\nGET ${base}/\n`);
    await send(document, 3);
    assert.match(
      shown[0]!,
      /Send to http:\/\/127\.0\.0\.1:\d+ \(insecure\) without verifying its certificate\?/,
    );
    assert.equal(asked.length, 0);
    answers = ['Send'];
    await send(document, 3);
    await send(document, 3);
    assert.equal(asked.length, 2);
    assert.equal(shown.length, 2);
    assert.match(
      response().text,
      /^\/\/ GET http:\S+ \(insecure\)\n[^]*\n\/\/ certificate verification is off/,
    );
  });

  it('go to curl with their variables and files, and come from curl and HAR', async () => {
    await writeFile(join(place.folder, 'stuff.json'), '{"a":1}');
    const document = await open(
      '@base = http://a.example\nPOST {{base}}/x\nAuthorization: Bearer {{$secret NONE}}\n\n< ./stuff.json\n',
    );
    const at = { uri: document.uri.toString(), line: 2 };
    await commands.executeCommand('muster.copyRequestAsCurl', at);
    // Huachao/vscode-restclient #1063 and #1243.
    assert.equal(
      await env.clipboard.readText(),
      `curl -H 'user-agent: muster' -H 'accept: */*' -H 'Authorization: •••' --data-raw '{"a":1}' --location --max-redirs 10 http://a.example/x`,
    );
    await env.clipboard.writeText(`curl -L 'http://b.example/y' -H 'X-A: 1'`);
    await commands.executeCommand('muster.pasteCurlAsRequest');
    assert.match(document.getText(), /stuff\.json\n\n+### GET \/y\nGET http:\/\/b\.example\/y\nX-A: 1\n/);
    assert.deepEqual(
      (await lenses(document)).filter((title) => title.endsWith('Send')),
      ['2 Send', '8 Send'],
    );
    await commands.executeCommand('workbench.action.files.revert');
    const har = join(place.folder, 'a.har');
    const request = {
      method: 'GET',
      url: 'http://c.example/z',
      headers: [{ name: 'Cookie', value: 'sid=1234' }],
    };
    await writeFile(har, JSON.stringify({ log: { entries: [{ request }] } }));
    Object.assign(window, { showOpenDialog: () => Promise.resolve([Uri.file(har)]) });
    await commands.executeCommand('muster.importHar');
    const made = window.activeTextEditor!.document;
    assert.deepEqual([made.isUntitled, made.languageId], [true, 'http']);
    assert.equal(made.getText(), '### GET /z\nGET http://c.example/z\nCookie: {{$secret COOKIE}}\n');
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
