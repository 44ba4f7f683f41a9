import { loadavg } from 'node:os';

/** What one round of one contender came to. */
export interface Sample {
  wallMs: number;
  /** User and system time of the client, all of its processes together. */
  cpuMs?: number;
  /** Targets that succeeded. */
  ok: number;
  /** Latency per target, over those that succeeded. */
  p50Ms?: number;
  p95Ms?: number;
  p99Ms?: number;
  /** The longest time for which the client's event loop did nothing else; Node.js only. */
  stallMs?: number;
  /** What the server was asked. */
  requests?: number;
  /** Millions of bytes that were in use at most, or at the end. */
  memoryMb?: number;
  /** Millions of bytes of the file that runs, and of an image with it. */
  fileMb?: number;
  imageMb?: number;
}

export interface Contender {
  name: string;
  round(): Promise<Sample>;
  /** Slow peers take part in the first rounds only. */
  rounds?: number;
}

/** A peer that this machine does not have, and why. */
export interface MissingPeer {
  name: string;
  missing: string;
}

export type Peer = Contender | MissingPeer;

const metrics = {
  wall: { value: ({ wallMs }: Sample) => wallMs, unit: 'ms', better: 'min' },
  p50: { value: ({ p50Ms }: Sample) => p50Ms ?? NaN, unit: 'ms', better: 'min' },
  p95: { value: ({ p95Ms }: Sample) => p95Ms ?? NaN, unit: 'ms', better: 'min' },
  p99: { value: ({ p99Ms }: Sample) => p99Ms ?? NaN, unit: 'ms', better: 'min' },
  stall: { value: ({ stallMs }: Sample) => stallMs ?? NaN, unit: 'ms', better: 'min' },
  cpu: { value: ({ cpuMs }: Sample) => cpuMs ?? NaN, unit: 'ms', better: 'min' },
  requests: { value: ({ requests }: Sample) => requests ?? NaN, unit: 'requests', better: 'min' },
  memory: { value: ({ memoryMb }: Sample) => memoryMb ?? NaN, unit: 'MB', better: 'min' },
  file: { value: ({ fileMb }: Sample) => fileMb ?? NaN, unit: 'MB', better: 'min' },
  image: { value: ({ imageMb }: Sample) => imageMb ?? NaN, unit: 'MB', better: 'min' },
  answered: { value: ({ ok }: Sample) => ok, unit: 'hosts', better: 'max' },
  rate: { value: ({ wallMs, ok }: Sample) => (ok / wallMs) * 1000, unit: '/s', better: 'max' },
} as const;

export type Metric = keyof typeof metrics;

export type Bound = { atMost: number } | { atLeast: number };

export interface Comparison {
  row: string;
  muster: Contender;
  peer: Peer;
  metric: Metric;
  /** What the ratio of Muster's figure to the peer's is meant to be. */
  target?: Bound;
  /** What the reference text says of the peer's figure. */
  claim?: Bound;
}

/** Comparisons whose contenders take turns on the same servers. */
export interface Scenario {
  title: string;
  comparisons: readonly Comparison[];
  /** Targets that must succeed in every round of every contender. */
  expected: number;
  rounds: number;
  /** Rounds before the counted ones, for what is compiled and cached while it runs. */
  warmUps: number;
  /** Resolves when the servers have done with the last round. */
  settled?: () => Promise<void>;
}

export interface Measurement {
  row: string;
  /** Absent where a figure has nothing to be compared with. */
  peer?: string;
  unit: string;
  /** Medians over the rounds. */
  musterValue?: number;
  peerValue?: number;
  musterCpuMs?: number;
  peerCpuMs?: number;
  /** The median of the ratios of each round. */
  ratio?: number;
  /** The lowest and the highest of them. */
  ratioRange?: [number, number];
  /** Muster's best round to the peer's best: what a machine without other work comes near to. */
  ratioOfBests?: number;
  rounds: number;
  target?: Bound;
  met?: boolean;
  claim?: Bound;
  claimHolds?: boolean;
  /** Why there is no figure, or why it is to be doubted. */
  note?: string;
}

/** Rounds after which V8 has compiled what a round of a hundred or a thousand targets runs through. */
export const compiledAfter = 40;

export interface Table {
  title: string;
  measuredAt: string;
  /** Load of the machine, over one minute, when the measuring began. */
  load: number;
  rows: Measurement[];
}

export function beginTable(title: string): Omit<Table, 'rows'> {
  return { title, measuredAt: new Date().toISOString(), load: loadavg()[0]! };
}

/** Runs the contenders in turn, round after round, and compares them. */
export async function measure(scenario: Scenario): Promise<Table> {
  const begun = beginTable(scenario.title);
  const contenders = new Set(
    scenario.comparisons.flatMap(({ muster, peer }) => ('round' in peer ? [muster, peer] : [muster])),
  );
  const samples = new Map<Contender, Sample[]>([...contenders].map((contender) => [contender, []]));
  for (let round = -scenario.warmUps; round < scenario.rounds; round++) {
    // Turning the order round cancels what one contender leaves behind for the next.
    const order = round % 2 === 0 ? [...contenders] : [...contenders].reverse();
    for (const contender of order) {
      if (round >= (contender.rounds ?? Infinity) || (round < 0 && contender.rounds)) continue;
      const sample = await contender.round();
      await scenario.settled?.();
      if (round >= 0) samples.get(contender)!.push(sample);
    }
  }
  const rows = scenario.comparisons.map((comparison) => compare(comparison, samples, scenario.expected));
  return { ...begun, rows };
}

function compare(
  { row, muster, peer, metric, target, claim }: Comparison,
  samples: ReadonlyMap<Contender, readonly Sample[]>,
  expected: number,
): Measurement {
  const { value, unit, better } = metrics[metric];
  const own = samples.get(muster)!;
  const common = {
    row,
    peer: peer.name,
    unit,
    musterValue: median(own.map(value)),
    musterCpuMs: median(own.flatMap(({ cpuMs }) => cpuMs ?? [])),
    ...(target && { target }),
    ...(claim && { claim }),
  };
  if (!('round' in peer)) return { ...common, rounds: own.length, note: `peer missing: ${peer.missing}` };

  const theirs = samples.get(peer)!;
  const ratios = theirs.map((sample, round) => value(own[round]!) / value(sample));
  const ratio = median(ratios)!;
  const peerValue = median(theirs.map(value))!;
  const best = (of: readonly Sample[]) => Math[better](...of.map(value));
  const failed = [muster, peer].flatMap((contender) => {
    const worst = Math.min(...samples.get(contender)!.map(({ ok }) => ok));
    return worst < expected ? [`${contender.name}: only ${worst} of ${expected} succeeded`] : [];
  });
  return {
    ...common,
    peerValue,
    peerCpuMs: median(theirs.flatMap(({ cpuMs }) => cpuMs ?? [])),
    ratio,
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
    ratioOfBests: best(own) / best(theirs),
    rounds: theirs.length,
    ...(target && { met: failed.length === 0 && isWithin(ratio, target) }),
    ...(claim && { claimHolds: isWithin(peerValue, claim) }),
    ...(failed.length > 0 && { note: failed.join('; ') }),
  };
}

function isWithin(figure: number, bound: Bound): boolean {
  return 'atMost' in bound ? figure <= bound.atMost : figure >= bound.atLeast;
}

/** A figure to compare with that is not measured. */
export function fixed(name: string, wallMs: number, ok = Infinity): Contender {
  const sample = { wallMs, p95Ms: wallMs, p99Ms: wallMs, stallMs: wallMs, ok };
  return { name, round: () => Promise.resolve(sample) };
}

export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
