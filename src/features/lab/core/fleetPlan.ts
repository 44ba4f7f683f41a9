/** How a web host answers its health checks. */
export type WebTemper = 'steady' | 'failing' | 'slow' | 'flapping';

export type LabRole = 'web' | 'db' | 'cache' | 'bastion';

/** What a lab host is to be, before it has an address. */
export interface HostPlan {
  name: string;
  role: LabRole;
  labels: Readonly<Record<string, string>>;
  temper: WebTemper;
  /** Days until its TLS certificate expires; without it the host has no TLS service. */
  certificateDays?: number;
  /** What `df` shows on the host, 0 to 100. */
  diskPercent: number;
  /** Reached over SSH through the bastion. */
  behindBastion: boolean;
}

/** The services of lab hosts, each on one port number across the fleet where that is free everywhere. */
export const serviceNames = ['ssh', 'http', 'https', 'database', 'cache'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** A lab host with its place on the loopback network. */
export interface PlacedHost extends HostPlan {
  address: string;
  ports: Partial<Record<ServiceName, number>>;
}

export const minimumHosts = 3;
export const maximumHosts = 5000;
export const defaultHosts = 12;

/** From this many hosts on the fleet has a bastion. */
const bastionFrom = 6;

/** The hosts that are not like the rest, by name; small fleets have the first of them. */
const characters: Record<string, Partial<HostPlan>> = {
  'web-01': { certificateDays: 365 },
  'web-02': { temper: 'failing' },
  'web-03': { temper: 'slow' },
  'web-04': { temper: 'flapping' },
  'web-06': { certificateDays: 7 },
  'db-2': { diskPercent: 84 },
};

const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] as const;

/**
 * A fleet of `count` hosts, `minimumHosts` to `maximumHosts`: about half web servers, a quarter databases,
 * a sixth caches and a bastion. The same count always gives the same fleet.
 */
export function planFleet(count: number): HostPlan[] {
  const bastions = count >= bastionFrom ? 1 : 0;
  const databases = Math.max(1, Math.floor(count / 4));
  const caches = Math.floor(count / 6);
  const webServers = count - bastions - databases - caches;
  const hosts = [
    ...planRole('web', webServers, 2, bastions > 0),
    ...planRole('db', databases, 1, bastions > 0),
    ...planRole('cache', caches, 1, bastions > 0),
  ];
  return bastions > 0 ? [planHost('bastion', 'bastion', 0, false), ...hosts] : hosts;
}

function planRole(role: LabRole, count: number, minimumDigits: number, hasBastion: boolean): HostPlan[] {
  const digits = Math.max(minimumDigits, String(count).length);
  return Array.from({ length: count }, (_, index) =>
    planHost(`${role}-${String(index + 1).padStart(digits, '0')}`, role, index, hasBastion),
  );
}

function planHost(name: string, role: LabRole, index: number, hasBastion: boolean): HostPlan {
  return {
    name,
    role,
    labels: {
      role,
      env: role === 'web' && index === 0 ? 'staging' : 'prod',
      zone: zones[index % zones.length] as string,
    },
    temper: 'steady',
    diskPercent: 30 + ((index * 7) % 40),
    behindBastion: hasBastion && role === 'db',
    ...characters[canonicalName(name)],
  };
}

/** `web-0003` of a large fleet has the character of `web-03`. */
function canonicalName(name: string): string {
  const [role, number] = name.split('-');
  return number === undefined
    ? name
    : `${role}-${String(Number(number)).padStart(role === 'web' ? 2 : 1, '0')}`;
}
