import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import type { Contender, Peer, Sample } from './measure';
import type { GoPeers } from './peers/buildGoPeers';
import type { Peers } from './peers/findPeers';
import { ResidentProcess } from './residentProcess';
import { timedCommand } from './timedCommand';

/** What every group of rows works with. */
export interface BenchContext {
  /** A folder of this run, removed at its end. */
  directory: string;
  peers: Peers;
  goPeers: GoPeers | undefined;
  /** What the shipped bundles are built with. */
  bundle: BuildOptions;
  /** Replaces each scenario's own number of rounds. */
  rounds: number | undefined;
}

export const engineFile = (directory: string) => join(directory, 'engine.cjs');
export const etcdEngineFile = (directory: string) => join(directory, 'etcdEngine.cjs');
export const cliFile = (directory: string) => join(directory, 'cli.js');

export function startEngine({ directory }: BenchContext): ResidentProcess {
  return new ResidentProcess('the engine', process.execPath, [engineFile(directory)]);
}

/** A Go peer that stays; undefined where there is no Go. */
export function startGoPeer({ goPeers }: BenchContext, args: readonly string[]): ResidentProcess | undefined {
  return goPeers ? new ResidentProcess('the Go peer', goPeers.file, args) : undefined;
}

export function goContender(name: string, peer: ResidentProcess | undefined, round: string): Peer {
  return peer
    ? { name, round: () => peer.ask(round) }
    : { name, missing: 'go, or its modules (Debian: apt-get install golang-go golang-golang-x-crypto-dev)' };
}

/** A Go peer that is started anew each round. */
export function goOnce({ directory, goPeers }: BenchContext, name: string, args: readonly string[]): Peer {
  if (!goPeers) return goContender(name, undefined, '');
  const command = [goPeers.file, ...args, '-once'] as [string, ...string[]];
  return {
    name,
    round: () => timedCommand(directory, command, (stdout) => (JSON.parse(stdout) as Sample).ok),
  };
}

/** The built command line, started anew each round; `succeeded` reads its JSON. */
export function cliContender(
  { directory }: BenchContext,
  args: readonly string[],
  succeeded: number | ((stdout: string) => number),
): Contender {
  const command = [process.execPath, cliFile(directory), ...args] as [string, ...string[]];
  return { name: 'muster', round: () => timedCommand(directory, command, succeeded) };
}
