import { serviceNames, type PlacedHost, type ServiceName } from './fleetPlan';
import { labEntries } from './labDirectory';

/** What the lab's `muster.yaml` is written with, and what some of its hosts are built to trip. */
export const diskWarnPercent = 80;
export const certificateWarnDays = 14;

/** The lab's `muster.yaml`. */
export function inventoryText(hosts: readonly PlacedHost[], user: string): string {
  const ports = Object.fromEntries(serviceNames.map((name) => [name, sharedPort(hosts, name)]));
  return [
    `# A fleet on loopback, made by \`muster lab\`. It lives as long as the lab runs.
# Try: muster check                  every check on every host
#      muster run web -- cat release
#      touch broken/web-01           takes a host down; rm broken/web-01 brings it back

defaults:
  ssh:
    user: ${user}${ports.ssh === undefined ? '' : `\n    port: ${ports.ssh}`}
    identityFile: ${labEntries.identity}
    identitiesOnly: true            # an agent full of keys would use up the tries that a host allows
    knownHosts: ${labEntries.knownHosts}
    connectTimeout: 5s
  timeout: 10s
  concurrency: 20
`,
    `hosts:\n${hosts.map((host) => hostLine(host, ports)).join('\n')}\n`,
    groupsText(hosts),
    `checks:\n${checkTexts(hosts, ports).join('\n')}\n`,
  ].join('\n');
}

type SharedPorts = Readonly<Partial<Record<ServiceName, number>>>;

/** The port that every host with the service has, or undefined when they differ. */
function sharedPort(hosts: readonly PlacedHost[], service: ServiceName): number | undefined {
  const ports = new Set(hosts.flatMap((host) => host.ports[service] ?? []));
  return ports.size === 1 ? [...ports][0] : undefined;
}

function hostLine(host: PlacedHost, shared: SharedPorts): string {
  const ssh = [
    ...(shared.ssh === undefined ? [`port: ${host.ports.ssh}`] : []),
    ...(host.behindBastion ? ['proxyJump: bastion'] : []),
  ];
  const portLabels = (['http', 'https'] as const)
    .filter((service) => host.ports[service] !== undefined && shared[service] === undefined)
    .map((service) => `${service}: "${host.ports[service]}"`);
  const labels = Object.entries(host.labels).map(([key, value]) => `${key}: ${value}`);
  const fields = [
    `address: ${host.address}`,
    ...(ssh.length > 0 ? [`ssh: { ${ssh.join(', ')} }`] : []),
    `labels: { ${[...labels, ...portLabels].join(', ')} }`,
  ];
  return `  ${host.name}: { ${fields.join(', ')} }`;
}

function groupsText(hosts: readonly PlacedHost[]): string {
  const edge = hosts.filter(({ ports }) => ports.https !== undefined).map(({ name }) => name);
  return `groups:
  web: { select: "role=web" }
  data: { select: "role in (db,cache)" }
  production: { select: "env=prod" }
  edge: { hosts: [${edge.join(', ')}] }            # those that speak TLS
`;
}

function checkTexts(hosts: readonly PlacedHost[], shared: SharedPorts): string[] {
  const urlPort = (service: ServiceName): string => String(shared[service] ?? `{label.${service}}`);
  // A tcp or tls check has one port: where those of the hosts differ, it is a check of the last one.
  const target = (service: ServiceName, on: string): string => {
    const last = hosts.findLast(({ ports }) => ports[service] !== undefined);
    return shared[service] === undefined
      ? `on: ${last?.name}\n    port: ${last?.ports[service]}`
      : `on: ${on}\n    port: ${shared[service]}`;
  };
  return [
    `  health:                          # one host fails, one is too slow, one flaps
    type: http
    on: web
    url: "http://{address}:${urlPort('http')}/health"
    timeout: 1500ms
    expect: { status: 200, json: { "$.status": up } }`,
    `  secure:                          # the same over TLS, trusted by the lab's own authority
    type: http
    on: edge
    url: "https://{address}:${urlPort('https')}/health"
    tls: { ca: ${labEntries.authority} }
    expect: { status: 200 }`,
    `  certificate:                     # one expires in a week
    type: tls
    ${target('https', 'edge')}
    ca: ${labEntries.authority}
    expect: { validFor: { warn: ${certificateWarnDays}d, critical: 1d } }`,
    `  database:
    type: tcp
    ${target('database', 'role=db')}
    expect: { banner: "^220 " }`,
    ...(hosts.some(({ role }) => role === 'cache')
      ? [
          `  cache:
    type: tcp
    ${target('cache', 'role=cache')}`,
        ]
      : []),
    `  login: { type: ssh }             # the databases are reached through the bastion`,
    `  disk:                            # ~/disk-used-percent on a lab host says how full it is
    type: command
    run: "df -P / | awk 'NR==2{print $5+0}'"
    expect: { exitCode: 0, value: { lt: 90, warn: { lt: ${diskWarnPercent} } } }`,
  ];
}

/** One OpenSSH known_hosts line a host. */
export function knownHostsText(
  hosts: readonly PlacedHost[],
  publicKeys: ReadonlyMap<string, string>,
): string {
  return hosts
    .map(({ name, address, ports }) => {
      const [type, key] = (publicKeys.get(name) ?? '').split(' ');
      return `[${address}]:${ports.ssh} ${type} ${key}\n`;
    })
    .join('');
}

export function readmeText(): string {
  return `# A Muster lab

These hosts are processes on your own machine, on loopback addresses. They vanish when the lab stops.

- \`muster.yaml\`: the inventory. \`muster check\`, \`muster run web -- hostname\`.
- \`hosts/NAME/\`: where the commands of a host run; \`disk-used-percent\` is what its \`df\` shows.
- \`broken/\`: create an empty file with the name of a host to take that host down, delete it to bring it back.
- \`keys/\`: \`id_ed25519\`, the only key that the hosts accept; \`known_hosts\`, their keys; \`ca.pem\`, who signed their certificates.
`;
}
