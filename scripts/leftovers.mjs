// Finds what a run left behind: processes that carry its scratch folder in their environment or command line.
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds for what is still ending. */
const patience = 10_000;

/** Descriptions of the processes left; none where there is no /proc. */
export async function processesLeft(scratch) {
  const deadline = performance.now() + patience;
  for (;;) {
    const left = await marked(scratch);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(200);
  }
}

async function marked(scratch) {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    pids
      .filter((pid) => Number(pid) !== process.pid)
      .map(async (pid) => {
        // sshd writes its title over its environment, so either of the two may carry the mark.
        const [environment, commandLine] = await Promise.all(
          ['environ', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '')),
        );
        return { pid: Number(pid), environment, commandLine: commandLine.replaceAll('\0', ' ').trim() };
      }),
  );
  return processes.filter(
    ({ environment, commandLine }) => environment.includes(scratch) || commandLine.includes(scratch),
  );
}
