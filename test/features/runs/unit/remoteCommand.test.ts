import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remoteCommand } from '../../../../src/features/runs/core/remoteCommand';
import { shellQuote } from '../../../../src/platform/text/shellQuote';
import { propertyRuns } from '../../../harness/propertyRuns';
import { unicodeText } from '../../../harness/unicodeText';

const sh = async (commandLine: string) => (await promisify(execFile)('sh', ['-c', commandLine])).stdout;

describe('the command line of a run', () => {
  it('is a single argument as it is', () => {
    expect(remoteCommand({ command: ['df -h | tail -1'] })).toBe('df -h | tail -1');
  });

  it('quotes several arguments so that the remote shell gives them back unchanged', async () => {
    const word = unicodeText(20).filter((text) => !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
        const sent = words.map((text) => text.toWellFormed());
        const printed = await sh(remoteCommand({ command: ['printf', '%s\\0', ...sent] }));
        expect(printed.split('\0').slice(0, -1)).toEqual(sent);
      }),
      { numRuns: propertyRuns(40) },
    );
  });

  it('sets variables for the whole of a compound command', async () => {
    const commandLine = remoteCommand({
      command: ['echo "$A" | tr a-z A-Z; echo "$B"'],
      env: { A: "it's", B: '$(x)' },
    });
    expect(await sh(commandLine)).toBe("IT'S\n$(x)\n");
  });

  it('goes through sudo without a question', () => {
    expect(remoteCommand({ command: ['id -u; id -g'], sudo: true })).toBe("sudo -n -- sh -c 'id -u; id -g'");
  });

  it.each([
    ['echo hi', 'sh -s'],
    ['#!/bin/bash\necho hi', '/bin/bash -s'],
    ['#!/usr/bin/env python3\r\nprint(1)', 'python3 -'],
    ['#! /usr/bin/env -S python3 -u\nprint(1)', 'python3 -u -'],
    ['#!/bin/sh -eu\necho hi', '/bin/sh -eu -s'],
  ])('starts the interpreter that the script %j names', (script, expected) => {
    expect(remoteCommand({ script })).toBe(expected);
  });

  it('refuses an empty command, a NUL byte and a bad variable name', () => {
    expect(() => remoteCommand({ command: [' '] })).toThrow('no command');
    expect(() => remoteCommand({ command: ['a\0b'] })).toThrow('NUL');
    expect(() => remoteCommand({ command: ['x'], env: { 'A-B': '1' } })).toThrow('"A-B"');
  });

  it('quotes only what needs it', () => {
    expect(shellQuote('web-01:/var/log')).toBe('web-01:/var/log');
    expect(shellQuote('')).toBe("''");
  });
});
