import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import {
  type CodeLens,
  commands,
  ConfigurationTarget,
  env,
  type MarkdownString,
  Position,
  Selection,
  type ThemeIcon,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { ProfilesNode } from '../../../../src/features/profiles/editor/list/profileNodes';
import { until } from '../../../harness/until';
import { pprofOf } from '../unit/encodedPprof';
import { activeMuster, type Muster } from '../../../harness/editor/muster';

const go = `package db

// Get takes a connection.
func (p *Pool) Get() int {
	sum := 0
	for i := 0; i < 9; i++ {
		sum += i
	}
	return sum
}

func idle() {}
`;
const python = `import os

def handle(request):
    total = 0
    for row in request:
        total += row
    return total
`;
const folded = [
  'main (/build/shop/main.go:3);shop/db.(*Pool).Get (github.com/acme/shop/db/pool.go:7);runtime.memmove (/usr/local/go/src/runtime/memmove.s:9) 10',
  'main (/build/shop/main.go:3);shop/db.(*Pool).Get (github.com/acme/shop/db/pool.go:7) 50',
  'main (/build/shop/main.go:3);shop/db.(*Pool).Get (github.com/acme/shop/db/pool.go:6) 15',
  'handle (app/views.py:6) 20',
  'main (/build/shop/main.go:3);<b>x</b> (/nowhere/lost.go:1) 5',
].join('\n');

describe('The Profiles view', () => {
  let muster: Muster;
  let folder: string;
  const uriOf = (name: string) => Uri.file(join(folder, name));
  const children = (node?: ProfilesNode) => muster.profiles.tree.getChildren(node);
  const textOf = (node: ProfilesNode) => {
    const item = muster.profiles.tree.getTreeItem(node);
    return `${item.label as string}: ${item.description as string}`;
  };
  const labelOf = (node: ProfilesNode) => muster.profiles.tree.getTreeItem(node).label;
  /** The row below these labels. */
  const row = async (...labels: string[]) => {
    let node: ProfilesNode | undefined;
    for (const label of labels) {
      const below: ProfilesNode[] = await children(node);
      node = below.find((one) => labelOf(one) === label);
      assert.ok(node, `${label} among ${below.map(textOf).join('\n')}`);
    }
    return node!;
  };
  const opened = () => {
    const editor = window.activeTextEditor;
    return editor && [editor.document.uri.path, editor.selection.active.line + 1];
  };
  const lenses = async (name: string) => {
    const found = await commands.executeCommand<CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uriOf(name),
      50,
    );
    return found
      .filter(({ command }) => command?.command === 'muster.showInProfile')
      .map(({ range, command }) => `${range.start.line + 1}: ${command!.title}`);
  };

  before(async () => {
    muster = await activeMuster();
    folder = join(workspace.workspaceFolders![0]!.uri.fsPath, 'profiled');
    for (const [name, text] of Object.entries({ 'db/pool.go': go, 'app/views.py': python })) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
      const old = Date.now() / 1000 - 60;
      await utimes(join(folder, name), old, old);
    }
    await writeFile(join(folder, 'shop.folded'), folded);
    await commands.executeCommand('muster.openProfile', uriOf('shop.folded'));
  });
  after(async () => {
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await commands.executeCommand('workbench.action.closeAllEditors');
    await muster.profiles.list.remove(await muster.profiles.list.all());
    await rm(folder, { recursive: true });
  });

  it('has the functions of an opened file by their own weight', async () => {
    const hot = await row('Opened files', 'shop.folded', 'Hot functions');
    assert.deepEqual((await children(hot)).map(textOf), [
      'shop/db.(*Pool).Get: self 65% · total 75% · 65 · pool.go:6',
      'handle: self 20% · total 20% · 20 · views.py:6',
      'runtime.memmove: self 10% · total 10% · 10 · memmove.s:9',
      '<b>x</b>: self 5% · total 5% · 5 · lost.go:1',
      'main: self 0% · total 80% · 0 · main.go:3',
    ]);
    const hostile = muster.profiles.tree.getTreeItem((await children(hot))[3]!);
    assert.match((hostile.tooltip as MarkdownString).value, /\\?&lt;b\\>x/);
    assert.match(hostile.accessibilityInformation!.label, /^<b>x<\/b>, self 5%, total 5%/);
    const hottest = muster.profiles.tree.getTreeItem((await children(hot))[0]!).iconPath as ThemeIcon;
    assert.equal(hottest.color?.id, 'charts.red');
  });

  it('has the critical path, and the call tree as it is opened', async () => {
    const path = await children(await row('Opened files', 'shop.folded', 'Critical path'));
    assert.deepEqual(path.map(textOf), [
      'main: total 80% · self 0% · 80 · main.go:3',
      'shop/db.(*Pool).Get: total 75% · self 65% · 75 · pool.go:7',
      'runtime.memmove: total 10% · self 10% · 10 · narrows here · memmove.s:9',
    ]);
    const main = await row('Opened files', 'shop.folded', 'Call tree', 'main');
    assert.deepEqual((await children(main)).map(labelOf), ['shop/db.(*Pool).Get', '<b>x</b>']);
  });

  it('opens the line of a function, whose file is found by how its path ends', async () => {
    const function_ = await row('Opened files', 'shop.folded', 'Hot functions', 'shop/db.(*Pool).Get');
    assert.equal(await commands.executeCommand('muster.openProfileFunction', function_), true);
    assert.deepEqual(opened(), [uriOf('db/pool.go').path, 6]);
    const frame = { name: 'handle', file: 'app/views.py', line: 6 };
    assert.equal(await commands.executeCommand('muster.openFrameSource', frame), true);
    assert.deepEqual(opened(), [uriOf('app/views.py').path, 6]);
  });

  it('opens a method of the JVM by its package, at the line that its name is on', async () => {
    const text = 'package com.acme;\n\nclass Foo {\n  int run(int x) {\n    return x;\n  }\n}\n';
    await mkdir(join(folder, 'java/com/acme'), { recursive: true });
    await writeFile(join(folder, 'java/com/acme/Foo.java'), text);
    const frame = { name: 'com/acme/Foo.run_[j]' };
    assert.equal(await commands.executeCommand('muster.openFrameSource', frame), true);
    assert.deepEqual(opened(), [uriOf('java/com/acme/Foo.java').path, 4]);
  });

  it('finds a function of C++ by its name, mangled or not, in its class and in whatever file it is', async () => {
    const text = `#include <ostream>
namespace shop {
class Cart { int total(int rate) const { return rate; } };
namespace {
template <typename T> T twice(T value) { return value + value; }
}
class Order {
  int total(int rate) const;
};
int Order::total(int rate) const
{
  return twice(rate);
}
std::ostream& operator<<(std::ostream& out, const Order& order) { return out; }
}
`;
    await mkdir(join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'src/order.cpp'), text);
    const open = async (name: string, file?: string) => {
      await commands.executeCommand('workbench.action.closeAllEditors');
      assert.equal(await commands.executeCommand('muster.openFrameSource', { name, file }), true);
      return opened();
    };
    const at = (line: number) => [uriOf('src/order.cpp').path, line];
    assert.deepEqual(await open('shop::Order::total(int) const', '/usr/bin/shop'), at(10));
    assert.deepEqual(await open('shop::Cart::total(int) const', '/build/src/order.cpp'), at(3));
    assert.deepEqual(await open('_ZNK4shop5Order5totalEi', '/build/src/order.cpp'), at(10));
    assert.deepEqual(await open('int shop::(anonymous namespace)::twice<int>(int)'), at(5));
    const shift = 'shop::operator<<(std::ostream&, shop::Order const&)';
    assert.deepEqual(await open(shift, '/usr/lib/libshop.so.1'), at(14));
  });

  it('follows the mappings of paths before all else', async () => {
    const settings = workspace.getConfiguration('muster');
    const mapping = { '/srv/py': '${workspaceFolder}/profiled/app', '/srv': '/nowhere' };
    await settings.update('profiles.pathMappings', mapping, false);
    try {
      const frame = { name: 'f', file: '/srv/py/views.py', line: 2 };
      assert.equal(await commands.executeCommand('muster.openFrameSource', frame), true);
      assert.deepEqual(opened(), [uriOf('app/views.py').path, 2]);
    } finally {
      await settings.update('profiles.pathMappings', undefined, false);
    }
  });

  it('shows what lines and functions weigh beside the sources', async () => {
    await window.showTextDocument(uriOf('db/pool.go'));
    await until('heat', () => muster.profiles.heat.of(uriOf('db/pool.go')).length > 0);
    assert.deepEqual(muster.profiles.heat.of(uriOf('db/pool.go')), [
      { line: 5, text: '15% · 15', heat: 'charts.red' },
      { line: 6, text: '50% · 50', heat: 'charts.red' },
    ]);
    assert.deepEqual(await lenses('db/pool.go'), ['4: self 65% · total 75%']);
    assert.deepEqual(await lenses('app/views.py'), ['3: self 20% · total 20%']);
  });

  it('says so when a file was changed since the capture', async () => {
    // In a browser VS Code saves by itself after a second, and then there is nothing to revert to.
    const files = workspace.getConfiguration('files');
    await files.update('autoSave', 'off', ConfigurationTarget.Global);
    const editor = await window.showTextDocument(uriOf('db/pool.go'));
    await editor.edit((edit) => edit.insert(new Position(11, 0), '// new\n'));
    const heat = await until('grey lines', () => {
      const lines = muster.profiles.heat.of(uriOf('db/pool.go'));
      return lines[0]?.heat === 'stale' ? lines : undefined;
    });
    assert.deepEqual(
      heat.map(({ text }) => text),
      ['15% · 15 (changed since the capture)', '50% · 50 (changed since the capture)'],
    );
    assert.deepEqual(await lenses('db/pool.go'), ['4: self 65% · total 75% (changed since the capture)']);
    await commands.executeCommand('workbench.action.files.revert');
    await until('heat again', () => muster.profiles.heat.of(uriOf('db/pool.go'))[0]?.heat === 'charts.red');
    await files.update('autoSave', undefined, ConfigurationTarget.Global);
  });

  it('leaves lines and functions alone once that is switched off', async () => {
    await commands.executeCommand('muster.toggleLineHeat');
    await until('no heat', () => muster.profiles.heat.of(uriOf('db/pool.go')).length === 0);
    assert.deepEqual(await lenses('db/pool.go'), []);
    await commands.executeCommand('muster.toggleLineHeat');
    await until('heat again', () => muster.profiles.heat.of(uriOf('db/pool.go')).length > 0);
  });

  it('selects the function at the cursor', async () => {
    const editor = await window.showTextDocument(uriOf('app/views.py'));
    editor.selection = new Selection(4, 2, 4, 2);
    await commands.executeCommand('muster.showInProfile');
    await until('the row', () => muster.profiles.selection.some((node) => labelOf(node) === 'handle'));
  });

  it('has the functions of the workspace alone, and says so', async () => {
    await commands.executeCommand('muster.showMyCodeOnly');
    const labels = async (section: string) =>
      (await children(await row('Opened files', 'shop.folded', section))).map(labelOf);
    assert.deepEqual(await labels('Hot functions'), ['shop/db.(*Pool).Get', 'handle']);
    assert.deepEqual(await labels('Critical path'), ['shop/db.(*Pool).Get']);
    assert.deepEqual(await labels('Call tree'), ['shop/db.(*Pool).Get', 'handle']);
    assert.match(muster.profiles.message!, /^Only functions of this workspace/);
    await commands.executeCommand('muster.showAllCode');
    assert.equal(muster.profiles.message, undefined);
  });

  it('has those whose paths are mapped into the workspace, too, as soon as they are', async () => {
    const settings = workspace.getConfiguration('muster');
    await commands.executeCommand('muster.showMyCodeOnly');
    const hot = async () =>
      (await children(await row('Opened files', 'shop.folded', 'Hot functions'))).map(labelOf);
    try {
      await settings.update('profiles.pathMappings', { '/nowhere': '${workspaceFolder}/profiled' }, false);
      await until('the mapped one', async () => (await hot()).includes('<b>x</b>'));
    } finally {
      await settings.update('profiles.pathMappings', undefined, false);
    }
    await until('no longer', async () => !(await hot()).includes('<b>x</b>'));
    await commands.executeCommand('muster.showAllCode');
  });

  it('copies the hot functions as a table', async () => {
    await commands.executeCommand('muster.copyProfileMarkdown', await row('Opened files', 'shop.folded'));
    const lines = (await env.clipboard.readText()).split('\n');
    assert.equal(lines[0], '`samples`: 100');
    assert.equal(
      lines[4],
      '| 65.0% | 65 | 75.0% | 75 | `shop/db.(*Pool).Get` | `github.com/acme/shop/db/pool.go:6` |',
    );
  });

  it('has captures by host, with a level for what they measure where that is more than one thing', async () => {
    const program =
      'function burn(n) { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i); return s; }\nburn(2e7);\n';
    await writeFile(join(folder, 'burn.cjs'), program);
    const flags = ['--cpu-prof', '--cpu-prof-name=burn.cpuprofile', 'burn.cjs'];
    await promisify(execFile)(process.execPath, flags, {
      cwd: folder,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const content = await workspace.fs.readFile(uriOf('burn.cpuprofile'));
    const details = {
      ...{ hosts: ['web-1', 'web-2'], service: 'shop', profiler: 'node', command: 'Profiler.start' },
      ...{ startedAt: Date.now(), durationMs: 1000, valueTypes: [{ name: 'cpu', unit: 'microseconds' }] },
    };
    const capture = await muster.profiles.captures.add(details, '.cpuprofile', content);
    const shop = await row('web-[1-2]', 'shop');
    assert.match(textOf(shop), /^shop: node · cpu · just now$/);
    assert.deepEqual((await children(shop)).map(labelOf), ['cpu', 'samples']);
    await commands.executeCommand('muster.selectValueType', shop);
    assert.match(textOf(shop), /^shop: shown in the editor · node/);
    const burn = await row('web-[1-2]', 'shop', 'cpu', 'Hot functions', 'burn');
    assert.equal(await commands.executeCommand('muster.openProfileFunction', burn), true);
    assert.deepEqual(opened(), [uriOf('burn.cjs').path, 1]);
    await until('ticks of lines', () => muster.profiles.heat.of(uriOf('burn.cjs'))[0]?.line === 0);
    const [lens] = await lenses('burn.cjs');
    assert.match(lens!, /^1: self \d+% · total \d+%$/);
    await muster.profiles.captures.remove(capture);
    const groups = await until('the group is gone', async () => {
      const labels = (await children()).map(labelOf);
      return labels.includes('web-[1-2]') ? undefined : labels;
    });
    assert.deepEqual(groups, ['Opened files']);
  });

  it('has the labels of samples, and the functions of each value', async () => {
    const samples = pprofOf([
      [['main', 'query'], 60, [{ key: 'tenant', value: 'acme' }]],
      [['main', 'render'], 20, [{ key: 'tenant', value: 'acme' }]],
      [['main', 'render'], 15, [{ key: 'tenant', value: 'initech' }]],
      [['main'], 5, []],
    ]);
    await writeFile(join(folder, 'labels.pprof'), samples);
    await commands.executeCommand('muster.openProfile', uriOf('labels.pprof'));
    const labels = ['Opened files', 'labels.pprof', 'Labels'];
    assert.deepEqual((await children(await row(...labels))).map(textOf), ['tenant: 2 values · 95% · 95ns']);
    assert.deepEqual((await children(await row(...labels, 'tenant'))).map(textOf), [
      'acme: 80% · 80ns',
      'initech: 15% · 15ns',
    ]);
    const acme = await row(...labels, 'tenant', 'acme');
    assert.deepEqual((await children(acme)).map(labelOf), ['Hot functions', 'Critical path', 'Call tree']);
    assert.deepEqual((await children(await row(...labels, 'tenant', 'acme', 'Hot functions'))).map(textOf), [
      'query: self 75% · total 75% · 60ns',
      'render: self 25% · total 25% · 20ns',
      'main: self 0% · total 100% · 0s',
    ]);
    const main = await row(...labels, 'tenant', 'initech', 'Call tree', 'main');
    assert.deepEqual((await children(main)).map(textOf), ['render: total 100% · self 100% · 15ns']);
    await commands.executeCommand('muster.copyProfileMarkdown', acme);
    assert.match(
      await env.clipboard.readText(),
      /^`cpu`: 80ns\n[^]*\| 75.0% \| 60ns \| 75.0% \| 60ns \| `query`/,
    );
  });

  it('tells why a file cannot be read, in its place', async () => {
    await writeFile(join(folder, 'broken.pprof'), 'no profile');
    await commands.executeCommand('muster.openProfile', uriOf('broken.pprof'));
    const broken = await row('Opened files', 'broken.pprof');
    assert.match(
      (await children(broken)).map(textOf).join(),
      /^broken\.pprof: the file is of no known format: Known are/,
    );
  });
});
