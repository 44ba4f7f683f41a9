import { describe, expect, it } from 'vitest';
import type { Memento } from 'vscode';
import { batchAt } from '../../../../src/platform/batch/fanOut';
import { parseInventory } from '../../../harness/inventories';
import { CommandHistory } from '../../../../src/features/runs/editor/command/commandHistory';
import { controlOf, readChoice } from '../../../../src/shell/editor/commands/runChoices';
import { runPlanText } from '../../../../src/features/runs/editor/command/runPlanText';
import { withShebang } from '../../../../src/features/runs/editor/command/shebang';
import { readSnippets } from '../../../../src/features/runs/editor/command/snippet';

describe('The options of a run', () => {
  it('are read as people write them', () => {
    expect(controlOf({ concurrency: '8', timeout: '2m', serial: '1,10%', maxFailures: '0' })).toEqual({
      concurrency: 8,
      timeoutMs: 120_000,
      serial: [{ count: 1 }, { percent: 10 }],
      maxFailures: { count: 0 },
    });
    expect(controlOf({})).toEqual({});
  });

  it.each([
    ['concurrency', '0'],
    ['concurrency', '10001'],
    ['timeout', '5'],
    ['timeout', '2d'],
    ['serial', '1,,2'],
    ['serial', '101%'],
    ['serial', '1,0'],
    ['maxFailures', '-1'],
  ] as const)('refuse %s %j', (name, text) => {
    expect(readChoice(name, text)).toBeUndefined();
  });
});

describe('Snippets', () => {
  it('are those entries of the setting that have a name and a command, each name once', () => {
    expect(
      readSnippets([
        { name: ' load ', command: 'uptime', selector: '@web', more: 1 },
        { name: 'load', command: 'other' },
        { name: '', command: 'x' },
        { name: 'x' },
        'uptime',
        null,
      ]),
    ).toEqual([{ name: 'load', command: 'uptime', selector: '@web' }]);
    expect(readSnippets('uptime')).toEqual([]);
  });
});

describe('A script from the editor', () => {
  it('keeps its shebang, and has the line ends of Unix', () => {
    expect(withShebang('#!/bin/bash\r\necho hi\r\n', '#!/bin/bash', 'shellscript')).toBe(
      '#!/bin/bash\necho hi\n',
    );
  });

  it('has that of its file when a part of it is selected, else one for its language, else none', () => {
    expect(withShebang('print(1)', '#!/usr/bin/python3', 'python')).toBe('#!/usr/bin/python3\nprint(1)');
    expect(withShebang('print(1)', 'import os', 'python')).toBe('#!/usr/bin/env python3\nprint(1)');
    expect(withShebang('uptime', 'uptime', 'plaintext')).toBe('uptime');
  });
});

describe('A dry run', () => {
  const { hosts } = parseInventory(
    'hosts:\n  web-[01:03]: { address: "{name}.example.com", ssh: { user: ops, port: 2222, proxyJump: bastion } }\n  bastion: \n',
    '/x/muster.yaml',
  );
  const web = [...hosts.values()].filter(({ name }) => name.startsWith('web'));
  const plan = { selector: 'web-*', inventory: '/x/muster.yaml', hosts: web, protectedHosts: [web[0]!] };

  it('shows the exact command line, the hosts in their batches, and who is protected', () => {
    const text = runPlanText({
      ...plan,
      request: { command: ['uptime | tee x'], sudo: true },
      control: { serial: [{ count: 1 }, { count: 2 }], timeoutMs: 5000 },
    });
    expect(text).toContain("# Command   sudo -n -- sh -c 'uptime | tee x'");
    expect(text).toContain('# Targets   web-* (3: web-[01-03])');
    expect(text).toContain('# Protected web-01');
    expect(text).toContain('# Batches   2: 1, 2');
    expect(text).toContain('──── batch 1 (1) ────\nweb-01  ops@web-01.example.com:2222 via bastion');
    expect(text).toContain('──── batch 2 (2) ────\nweb-02  ');
  });

  it('shows who the command is run as', () => {
    const hosts = web.map((host, index) =>
      index > 0 ? host : { ...host, become: { user: 'app', declaredBy: 'group web' } },
    );
    const text = runPlanText({ ...plan, hosts, request: { command: ['id'], become: {} }, control: {} });
    expect(text).toMatch(/# User +app \(sudo\), root \(sudo\)/);
  });

  it('shows which hosts are this machine', () => {
    const { hosts } = parseInventory('hosts: { here: { transport: local } }', '/x/muster.yaml');
    const text = runPlanText({
      ...{ ...plan, hosts: [...hosts.values()], protectedHosts: [] },
      ...{ request: { command: ['uptime'] }, control: {} },
    });
    expect(text).toContain('here  this machine');
  });

  it('shows what a script is started with, and its text', () => {
    const text = runPlanText({ ...plan, request: { script: '#!/bin/bash -e\necho hi' }, control: {} });
    expect(text).toContain('# Command   /bin/bash -e -s');
    expect(text).toContain('──── standard input ────\n#!/bin/bash -e\necho hi');
  });
});

describe('The history of commands', () => {
  const memento = () => {
    const kept = new Map<string, unknown>();
    return {
      keys: () => [...kept.keys()],
      get: (key: string, otherwise?: unknown) => kept.get(key) ?? otherwise,
      update: async (key: string, value: unknown) => void kept.set(key, value),
    } as Memento;
  };

  it('has the last command first, each once, thirty of them', async () => {
    const history = new CommandHistory(memento());
    for (let number = 1; number <= 40; number++) await history.remember(`echo ${number}`);
    await history.remember('echo 20');
    expect(history.commands).toHaveLength(30);
    expect(history.commands.slice(0, 3)).toEqual(['echo 20', 'echo 40', 'echo 39']);
    expect(history.commands.filter((command) => command === 'echo 20')).toHaveLength(1);
  });

  it('keeps nothing that seems to hold a secret, and forgets what it is told to', async () => {
    const history = new CommandHistory(memento());
    await history.remember('PGPASSWORD=hunter2 psql');
    await history.remember('uptime');
    await history.remember('date');
    await history.forget('uptime');
    expect(history.commands).toEqual(['date']);
  });
});

describe('The batch under way', () => {
  it.each([
    [0, 1],
    [1, 2],
    [2, 2],
    [3, 3],
    [5, 3],
  ])('when %i of 1 + 2 + 2 hosts have ended is number %i', (ended, batch) => {
    expect(batchAt(ended, [1, 2, 2])).toBe(batch);
  });
});
