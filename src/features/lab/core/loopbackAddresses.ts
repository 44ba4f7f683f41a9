import { createServer } from 'node:net';
import { LoopbackService } from './loopbackService';

/** 127.0.0.1 to 127.0.0.10 are left to others. */
const firstAddress = 11;

/** An address of 127.0.0.0/8 for each of `count` hosts; 127.0.0.1 for all where the system has no other (macOS). */
export async function loopbackAddresses(count: number, oneForAll = false): Promise<string[]> {
  const distinct = !oneForAll && (await canListenOn(addressAt(0)));
  return Array.from({ length: count }, (_, index) => (distinct ? addressAt(index) : '127.0.0.1'));
}

/** A port free on `address` at this moment. */
export async function freePort(address: string): Promise<number> {
  const probe = new LoopbackService(createServer(), address);
  await probe.open();
  await probe.close();
  return probe.port;
}

function addressAt(index: number): string {
  const number = firstAddress + index;
  // The last byte runs from 1 to 254.
  return `127.0.${Math.floor((number - 1) / 254)}.${((number - 1) % 254) + 1}`;
}

async function canListenOn(address: string): Promise<boolean> {
  try {
    await freePort(address);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL') return false;
    throw error;
  }
}
