import { createHash } from 'node:crypto';
import type { Deadline } from '../batch/deadline';
import type { CredentialRequest, ProjectTrust, SecretDestination } from './host';
import type { Host } from '../inventory/model';
import { t } from '../l10n/l10n';
import { printable } from '../text/printable';
import type { HostTransport } from '../transport/hostTransport';
import { readPem } from '../tls/tlsFiles';

/** A service that takes a password. */
interface Service {
  /** The host from which it is reached; undefined where it is reached from here. */
  through: Host | undefined;
  tls:
    { ca?: string | undefined; serverName?: string | undefined; insecure?: boolean | undefined } | undefined;
  /** What the path of `tls.ca` is relative to. */
  directory: string;
}

/** What a secret is kept under: one that was given for a server is that of no other server. */
export function secretId({ subject, destination }: CredentialRequest): string {
  if (!destination) return subject;
  return JSON.stringify([subject, destination.fingerprint, destination.route]);
}

/** Whether something is kept under this id for the subject, for whichever server. */
export function isSecretIdOf(subject: string, id: string): boolean {
  return id === subject || id.startsWith(`${JSON.stringify([subject]).slice(0, -1)},`);
}

/** The parts of an id of `secretId`; a mere subject is from a version that did not note the server. */
export function readSecretId(id: string): {
  subject: string;
  destination?: Omit<SecretDestination, 'vouchedBy'>;
} {
  if (!id.startsWith('[')) return { subject: id };
  try {
    const [subject, fingerprint, route] = JSON.parse(id) as [string, string, string[]];
    if (typeof subject === 'string' && typeof fingerprint === 'string' && Array.isArray(route))
      return { subject, destination: { fingerprint, route } };
  } catch {
    // No JSON: a subject.
  }
  return { subject: id };
}

/** Where a service's password would be sent; connects to the host on the way. @throws MusterError */
export async function serviceDestination(
  { through, tls, directory }: Service,
  transport: Pick<HostTransport, 'destinationThrough'>,
  deadline: Deadline,
): Promise<SecretDestination> {
  const trust: string[] = [];
  if (tls?.ca !== undefined) trust.push(`tls.ca ${sha256(await readPem('ca', tls.ca, directory))}`);
  if (tls?.serverName !== undefined) trust.push(`tls.serverName ${tls.serverName}`);
  const way: SecretDestination = through
    ? await transport.destinationThrough(through, { deadline })
    : { fingerprint: '', route: [], vouchedBy: 'user' };
  return {
    fingerprint: [way.fingerprint, ...trust].filter(Boolean).join(', '),
    route: way.route,
    vouchedBy: tls?.insecure ? 'project' : way.vouchedBy,
  };
}

/** Lines that say to which server a secret would go. */
export function destinationLines({ fingerprint, route, vouchedBy }: SecretDestination): string[] {
  return [
    ...(fingerprint === '' ? [] : [t('Identified by: {0}', printable(fingerprint, 300))]),
    route.length === 0
      ? t('Reached directly')
      : t('Reached through: {0}', route.map((hop) => printable(hop, 200)).join(' → ')),
    ...(vouchedBy === 'project' ? [t('Only the inventory vouches that this is the right server.')] : []),
  ];
}

/** Lines that say whose known_hosts files are in force where the inventory has a say, and what an answer is for. */
export function projectTrustLines({ inventory, knownHosts }: ProjectTrust): string[] {
  const files = knownHosts.map((file) => printable(file, 200)).join(', ');
  const project = printable(inventory, 200);
  return [
    files === ''
      ? t('The inventory {0} decides how the host is reached.', project)
      : t(
          'The inventory {0} adds known_hosts files of its own ({1}) to yours. Yours come first; none of them knows the key.',
          project,
          files,
        ),
    t('A key that you trust is remembered for this inventory only.'),
  ];
}

function sha256(text: string): string {
  return `SHA256:${createHash('sha256').update(text).digest('base64').replace(/=+$/, '')}`;
}
