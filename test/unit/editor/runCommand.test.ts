import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../src/core/inventory/loadInventory';
import { controlOf, readChoice } from '../../../src/editor/commands/runChoices';
import { runPlanText } from '../../../src/editor/commands/runPlanText';
import { withShebang } from '../../../src/editor/commands/shebang';
import { readSnippets } from '../../../src/editor/commands/snippet';

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

  it('shows what a script is started with, and its text', () => {
    const text = runPlanText({ ...plan, request: { script: '#!/bin/bash -e\necho hi' }, control: {} });
    expect(text).toContain('# Command   /bin/bash -e -s');
    expect(text).toContain('──── standard input ────\n#!/bin/bash -e\necho hi');
  });
});
