// Writes keys from a process of its own: node etcdWriter.mjs ENDPOINTS PREFIX COUNT VALUE_BYTES
import { Etcd3 } from 'etcd3';

const [endpoints, prefix, count, bytes] = process.argv.slice(2);
const client = new Etcd3({ hosts: endpoints.split(',') });
const filler = 'x'.repeat(Number(bytes));
const test = process.ppid;
let next = 0;
let revision = 0;
const worker = async () => {
  while (next < Number(count)) {
    const number = next++;
    // A test that was killed leaves no writer behind.
    for (let done = false; !done && process.ppid === test;) {
      try {
        const { header } = await client.put(`${prefix}${number % 100}`).value(`${number} ${filler}`);
        revision = Math.max(revision, Number(header.revision));
        done = true;
      } catch {
        // An election is on; perhaps it was written, and is written once more.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
};
await Promise.all(Array.from({ length: 64 }, worker));
client.close();
console.log(revision);
