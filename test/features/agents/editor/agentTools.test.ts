import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import {
  CancellationTokenSource,
  type LanguageModelTextPart,
  type LanguageModelToolResult,
  lm,
  type MarkdownString,
} from 'vscode';
import { denyingAuthority, silentLogger } from '../../../../src/platform/host/host';
import { AgentTools, type RunInput } from '../../../../src/features/agents/editor/agentTools';
import { Batches } from '../../../../src/shell/editor/batches';
import { FleetChecks } from '../../../../src/features/checks/editor/fleetChecks';
import { Fleets } from '../../../../src/shell/editor/fleets/fleets';
import { FleetRuns } from '../../../../src/features/runs/editor/fleetRuns';
import { SshdFarm } from '../../../harness/sshd';
import { activeMuster } from '../../../harness/editor/muster';

const { token } = new CancellationTokenSource();
const textOf = ({ content }: LanguageModelToolResult) => (content[0] as LanguageModelTextPart).value;

describe('Language models', () => {
  let farm: SshdFarm;
  let folder: string;
  let fleets: Fleets;
  let runs: FleetRuns;
  let tools: AgentTools;
  let reported: number;

  before(async () => {
    await activeMuster();
    farm = await SshdFarm.create();
    const server = await farm.start();
    folder = await mkdtemp(join(tmpdir(), 'agents-'));
    await writeFile(join(folder, 'known'), await server.knownHostsLine());
    await writeFile(
      join(folder, 'muster.yaml'),
      `defaults:
  ssh: { user: ${userInfo().username}, identityFile: ${farm.clientKey}, knownHosts: ./known, port: ${server.port} }
  timeout: 20s
hosts:
  'web-[1:2]': { address: ${server.address} }
  prod: { address: ${server.address}, labels: { env: prod } }
  frozen: { address: ${server.address} }
groups:
  web: { hosts: 'web-*' }
  audit: { hosts: frozen, readOnly: true }
checks:
  login: { type: ssh, on: '@web' }
  port: { type: tcp, port: 1, on: web-1 }
`,
    );
    fleets = new Fleets({
      ...{ logger: silentLogger, authority: denyingAuthority },
      knownHostsFile: join(folder, 'known_hosts'),
    });
    await fleets.add('agents', 'Agents', join(folder, 'muster.yaml'));
    const batches = new Batches();
    runs = new FleetRuns(batches);
    reported = 0;
    runs.onDidStart(() => reported++);
    tools = new AgentTools({ fleets, runs, checks: new FleetChecks(batches) });
  });
  after(async () => {
    fleets.dispose();
    await farm[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const confirmAndRun = async (input: RunInput, cancelled = token) => {
    await tools.prepareRun({ input });
    return textOf(await tools.run({ input }, cancelled));
  };

  it('are offered the tools, each with its schema', () => {
    const offered = lm.tools.filter(({ name }) => name.startsWith('muster_'));
    assert.deepEqual(offered.map(({ name }) => name).sort(), ['muster_check', 'muster_hosts', 'muster_run']);
    assert.ok(offered.every(({ inputSchema, description }) => inputSchema && description.length > 100));
  });

  it('list hosts through the editor', async () => {
    const result = await lm.invokeTool(
      'muster_hosts',
      { input: { selector: 'local' }, toolInvocationToken: undefined },
      token,
    );
    assert.match(textOf(result), /^1 host match “local”\.\nlocal \(127\.0\.0\.1\); not checked/);
  });

  it('are told what is wrong with a selector', async () => {
    assert.match(
      textOf(await tools.hosts({ input: { selector: 'wbe-1' } })),
      /^Failed\.\nUSAGE: .*\nDid you mean “web-1”\?$/,
    );
  });

  it('check hosts, and see afterwards in the list which are sick', async () => {
    const text = textOf(await tools.check({ input: { selector: '@web' } }, token));
    assert.match(text, /^3 checks: 2 healthy, 1 unhealthy\.\nunhealthy: port on web-1: REFUSED/);
    const list = textOf(await tools.hosts({ input: {} }));
    assert.match(list, /^4 hosts match “\*”\.\nweb-1 .*; unhealthy .*\(port: .*\); groups web\n/);
    assert.match(list, /frozen .*read-only/);
  });

  it('run what a person was shown: hosts and the whole command, as text', async () => {
    const input = { selector: '@web', command: 'echo "**bold**" # ``` <b>' };
    const prepared = await tools.prepareRun({ input });
    const { title, message } = prepared.confirmationMessages!;
    assert.equal(title, 'Run this command on 2 hosts?');
    assert.equal((message as MarkdownString).isTrusted, false);
    const [command, hosts, selector] = (message as MarkdownString).value.split('\n\n');
    assert.equal(command, '````sh\necho "**bold**" # ``` <b>\n````');
    assert.match(hosts!, /web\\-1, web\\-2$/);
    assert.match(selector!, /\\@web$/);
    assert.match(
      textOf(await tools.run({ input }, token)),
      /--- 2 hosts, exit status 0: web-\[1-2\]\n\*\*bold\*\*$/,
    );
  });

  it('run nothing that was not confirmed, nor twice for one answer', async () => {
    const input = { selector: '@web', command: 'echo once' };
    assert.match(textOf(await tools.run({ input }, token)), /^Failed\./);
    await confirmAndRun(input);
    assert.match(textOf(await tools.run({ input }, token)), /^Failed\.\nCONFLICT: the inventory has changed/);
  });

  it('are refused protected and read-only hosts before anyone is asked', async () => {
    const before = reported;
    await assert.rejects(tools.prepareRun({ input: { selector: '*', command: 'id' } }), {
      code: 'READ_ONLY',
    });
    await assert.rejects(
      tools.prepareRun({ input: { selector: 'prod', command: 'id' } }),
      /protected by muster\.protectedSelector/,
    );
    await assert.rejects(tools.prepareRun({ input: { selector: 'frozen', command: 'id' } }), {
      code: 'READ_ONLY',
    });
    assert.match(
      textOf(await tools.run({ input: { selector: 'prod', command: 'id' } }, token)),
      /^Failed\.\nREAD_ONLY/,
    );
    assert.equal(reported, before);
  });

  it('are refused commands that a person could not see in full', async () => {
    for (const command of ['echo a\u202eb', 'x'.repeat(4001), '   '])
      await assert.rejects(tools.prepareRun({ input: { selector: '@web', command } }), { code: 'USAGE' });
  });

  it('stop when they are cancelled', async () => {
    const source = new CancellationTokenSource();
    source.cancel();
    assert.match(
      await confirmAndRun({ selector: '@web', command: 'sleep 60' }, source.token),
      /^2 hosts: 2 skipped/,
    );
  });
});
