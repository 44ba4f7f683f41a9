import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import Mocha from 'mocha';

/**
 * Runs the suites beside this file inside the extension host.
 * Mocha's JSON report appears at the path that `MUSTER_TEST_REPORT` names once it is complete.
 */
export async function run(): Promise<void> {
  const report = process.env['MUSTER_TEST_REPORT']!;
  const output = `${report}.partial`;
  const mocha = new Mocha({ timeout: 120_000, reporter: 'json', reporterOptions: { output } });
  for (const file of await readdir(__dirname)) {
    if (file.endsWith('.test.js')) mocha.addFile(join(__dirname, file));
  }
  await new Promise((resolve) => mocha.run(resolve));
  await rename(output, report);
}
