const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** By how much lines may be out of order. */
const jitterMs = 5 * minuteMs;

/** What is known of the time zone of a host, in plain data: it goes to the thread that reads its lines. */
export interface LogZone {
  /** Milliseconds east of UTC at present. */
  readonly offsetMs: number;
  /** Its name in the tz database. */
  readonly name?: string;
  /** Whether it has the same offset all the year round, as far as the host says. */
  readonly isConstant?: boolean;
}

/** Turns the clock of a host, as its logs show it, into UTC. */
export interface ZoneClock {
  /** False if daylight saving time may make it an hour wrong: only one offset of the host is known. */
  readonly isCertain: boolean;
  /**
   * UTC of a local time, both in milliseconds since 1970. Of the two moments that an hour at the end of daylight saving
   * time may mean, the first one that is not well before `after`.
   */
  toUtc(local: number, after: number): number;
  /** The span of local times around one that have the same offset, whatever came before; undefined if it has two. */
  steadyAround(local: number): SteadySpan | undefined;
}

/** Local times from `from` up to `to`, in milliseconds since 1970, and how far east of UTC they are. */
export interface SteadySpan {
  readonly from: number;
  readonly to: number;
  readonly offsetMs: number;
}

export function zoneClock({ offsetMs, name, isConstant = false }: LogZone): ZoneClock {
  const named = name === undefined ? undefined : namedZone(name);
  const always = { from: -Infinity, to: Infinity, offsetMs };
  return named ?? { isCertain: isConstant, toUtc: (local) => local - offsetMs, steadyAround: () => always };
}

const named = new Map<string, ZoneClock | undefined>();
const mostNamed = 64;

/** The zone of a name of the tz database; undefined if there is none. */
export function namedZone(name: string): ZoneClock | undefined {
  if (named.has(name)) return named.get(name);
  if (named.size >= mostNamed) named.clear();
  let clock: ZoneClock | undefined;
  try {
    clock = new NamedZone(name);
  } catch {
    // Lines may name what is no zone.
  }
  named.set(name, clock);
  return clock;
}

class NamedZone implements ZoneClock {
  readonly isCertain = true;
  private readonly format: Intl.DateTimeFormat;
  /** Offsets by quarters of an hour of UTC. */
  private readonly offsets = new Map<number, number>();

  constructor(name: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, hourCycle: 'h23', era: 'short' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  toUtc(local: number, after: number): number {
    // No zone is further from UTC than a day.
    const early = local - this.offsetAt(local - dayMs);
    const late = local - this.offsetAt(local + dayMs);
    if (early === late) return early;
    const isEarly = local - early === this.offsetAt(early);
    const isLate = local - late === this.offsetAt(late);
    // A clock that was set forward never showed this time; it is meant as the clock was before.
    if (!isEarly && !isLate) return early;
    if (isEarly && isLate) return early >= after - jitterMs ? early : late;
    return isEarly ? early : late;
  }

  steadyAround(local: number): SteadySpan | undefined {
    const day = Math.floor(local / dayMs) * dayMs;
    const offsetMs = this.offsetAt(day - dayMs);
    if (offsetMs === this.offsetAt(day + 2 * dayMs)) return { from: day, to: day + dayMs, offsetMs };
    // Around a day on which the clock is changed, which happens between two quarters of an hour.
    const [first, second] = [-Infinity, Infinity].map((after) => local - this.toUtc(local, after));
    if (first !== second || first! % quarterMs !== 0) return undefined;
    const from = Math.floor(local / quarterMs) * quarterMs;
    return { from, to: from + quarterMs, offsetMs: first! };
  }

  /** Milliseconds east of UTC at a moment. */
  offsetAt(utc: number): number {
    const quarter = Math.floor(utc / quarterMs);
    let offset = this.offsets.get(quarter);
    if (offset === undefined) {
      if (this.offsets.size > 10_000) this.offsets.clear();
      this.offsets.set(quarter, (offset = this.computeOffset(quarter * quarterMs)));
    }
    return offset;
  }

  private computeOffset(utc: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(utc)) part[type] = Number(value);
    const local = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second);
    return local - utc;
  }
}

/** What this machine knows of its own zone. */
export function ownZone(now = Date.now()): LogZone {
  return {
    offsetMs: -new Date(now).getTimezoneOffset() * minuteMs,
    name: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** `+hhmm` in milliseconds east of UTC; undefined if it is none. */
function offsetOf(text: string | undefined): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(text ?? '') ?? [];
  if (hours === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs);
}

/**
 * What a host says of its zone: `+hhmm` of now, of January and of July, then what may be its name, which is believed if
 * it has these offsets. See `zoneWords`.
 */
export function readZone(text: string, now = Date.now()): LogZone {
  const [present, january, july, ...names] = text.trim().split(/\s+/);
  const offsetMs = offsetOf(present);
  if (offsetMs === undefined) return { offsetMs: 0 };
  const [winter, summer] = [offsetOf(january), offsetOf(july)];
  for (const name of names.flatMap(zoneName)) {
    const zone = namedZone(name);
    if (!(zone instanceof NamedZone) || zone.offsetAt(now) !== offsetMs) continue;
    const [inJanuary, inJuly] = zoneDates(now).map((date) => zone.offsetAt(date));
    const isRight = (winter ?? inJanuary) === inJanuary && (summer ?? inJuly) === inJuly;
    if (isRight) return { offsetMs, name };
  }
  return { offsetMs, isConstant: winter === offsetMs && summer === offsetMs };
}

/** January and July of this year, in milliseconds since 1970. */
function zoneDates(now: number): [number, number] {
  const year = new Date(now).getUTCFullYear();
  return [Date.UTC(year, 0, 15, 12), Date.UTC(year, 6, 15, 12)];
}

/** `Europe/Berlin`, also at the end of a path and after the colon of POSIX. */
function zoneName(text: string): string[] {
  const name = text.replace(/^:/, '').replace(/^.*\/zoneinfo\/(?:posix\/|right\/)?/, '');
  return /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(name) ? [name] : [];
}

/** Words of sh that say what `readZone` reads, with no more than busybox has. */
export function zoneWords(now = Date.now()): string {
  const [january, july] = zoneDates(now).map((date) => date / 1000);
  const offset = (seconds?: number) =>
    `$(date ${seconds === undefined ? '' : `-d @${seconds} `}+%z 2>/dev/null || echo -)`;
  return `"${offset()}" "${offset(january)}" "${offset(july)}" "\${TZ:-}" "$(head -n 1 /etc/timezone 2>/dev/null)" "$(readlink -f /etc/localtime 2>/dev/null)"`;
}
