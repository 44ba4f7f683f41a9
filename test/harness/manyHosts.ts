import { openMuster } from './openMuster';
import { scratchFolder } from './scratchFolder';
import { treeRowWhen } from './treeRowWhen';
import { until, untilRead } from './until';
import { untilTestEnds } from './untilTestEnds';

/** All of a group of `count` hosts are checked, and all rows on screen, the badge and the status bar say how it ended. */
export async function checksAll(count: number): Promise<void> {
  const padded = (number: number) => String(number).padStart(4, '0');
  const folder = untilTestEnds(
    await scratchFolder({
      'muster.yaml': `hosts:
  node-[0001:${padded(count)}]: { address: 127.0.0.1, labels: { role: node } }
groups:
  nodes: { select: "role=node" }
checks:
  port: { type: tcp, port: 1 }
`,
    }),
  );
  const workbench = untilTestEnds(await openMuster(folder.path));
  await workbench.openViewContainer('Muster');
  await workbench.treeRow('Hosts', 'node-0001').waitFor();
  await workbench.runCommand('Muster: Check All Hosts');
  await treeRowWhen(workbench, 'nodes', new RegExp(`^0/${count} · ${count} unhealthy$`), /^error$/);
  await until('badge', async () => (await workbench.badge('Muster')) !== '');
  await workbench.statusBarItemSays('muster.fleet', new RegExp(`^error 0/${count}$`));
  await untilRead(
    'all rows in their final state',
    async () => (await workbench.treeRows('Hosts')).filter(({ name }) => name.startsWith('node-')),
    (rows) => rows.length > 10 && rows.every(({ icon }) => icon === 'error'),
  );
  await workbench.screenshotInThemes('many-hosts');
}
