import type { Duplex } from 'node:stream';
import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { connectSocket } from '../connectSocket';
import { conclude, limitSchema, matchLimit, matchSubstring, type Mismatch } from '../expectation';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';
import { portOf, portSchema } from '../servicePort';
import { type CertificateRequest, certificateRequest } from '../../../../platform/tls/tlsError';
import {
  clientShape,
  insecureWarning,
  isWholePair,
  tlsOptions,
  trustShape,
} from '../../../../platform/tls/tlsSettings';

const dayMs = 24 * 60 * 60 * 1000;
const protocols = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** Milliseconds that a server gets to refuse its client, beside a round trip. */
const verdictMs = 500;
/** The same for one that has gone on already: what accepts any certificate at first judges it at once. */
const secondThoughtMs = 100;

const settings = z
  .strictObject({
    port: portSchema
      .default(443)
      .describe('TCP port, or a label of the host that says it: `{label.port}`. Default: 443.'),
    ...trustShape,
    ...clientShape,
    expect: z
      .strictObject({
        validFor: limitSchema(
          text('Degraded when a certificate of the chain expires within this time.'),
          text('Unhealthy when a certificate of the chain expires within this time.'),
        ).optional(),
        protocol: z
          .enum(['TLSv1.2', 'TLSv1.3'])
          .optional()
          .describe('Oldest version of TLS that may come out of the handshake.'),
        alpn: z
          .string()
          .min(1)
          .max(255)
          .optional()
          .describe('Application protocol to offer, which the server must choose, e.g. `h2`.'),
        issuer: z.string().min(1).optional().describe('Text that the name of the issuer contains.'),
        names: z
          .array(z.string().min(1))
          .optional()
          .describe('Further names that the certificate must be valid for.'),
      })
      .prefault({})
      .describe(
        'What the certificate and the connection must be like; the chain and the name are always verified.',
      ),
  })
  .refine(...isWholePair);
type Settings = z.output<typeof settings>;

/** What a handshake has shown. */
interface Handshake {
  certificate: DetailedPeerCertificate;
  protocol: string;
  alpn: string;
  /** Why verification would have failed, when it is off. */
  distrust: string | undefined;
  /** Time was up before the server, which asked who its client is, could refuse it. */
  undecided: boolean;
}

async function run(host: Host, settings: Settings, context: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  const handshake = await shakeHands(host, settings, context, measured).catch(withOwnKeys);
  const all = expiries(handshake.certificate);
  for (const { notAfter, place } of all)
    measured.record('tls.certificate.remaining', daysUntil(notAfter), 'd', { certificate: place });
  const { notAfter } = earliest(all);
  const warnings = warningsFor(settings, handshake);
  return {
    ...conclude(
      judge(host, settings.expect, handshake),
      t('valid for {0}, {1}', days(notAfter - Date.now()), handshake.protocol),
      { ...measured.found, ...(warnings.length > 0 && { warning: warnings.join('; ') }) },
    ),
    latencyMs: measured.phases.total,
  };
}

/** The keys of this probe stand at the top, not in `tls`. */
function withOwnKeys(error: unknown): never {
  if (!MusterError.is(error)) throw error;
  const { code, message, host, phase, hint, cause } = error;
  const own = (text: string) => text.replaceAll(/\btls\.(?=(?:ca|cert|key|serverName)\b)/g, '');
  throw new MusterError(code, own(message), { host, phase, hint: hint && own(hint), cause });
}

async function shakeHands(
  host: Host,
  settings: Settings,
  { deadline, directory }: ProbeContext,
  measured: ProbeMeasurements,
): Promise<Handshake> {
  const { alpn } = settings.expect;
  const tls = {
    ...(await tlsOptions(settings, host.address, host, directory)),
    ...(alpn !== undefined && { ALPNProtocols: [alpn] }),
  };
  let handshake: Handshake | undefined;
  let request: CertificateRequest | undefined;
  let patience: NodeJS.Timeout | undefined;
  const accepted = (socket: Duplex) => {
    handshake!.undecided = false;
    socket.destroy();
  };
  try {
    await connectSocket(
      { address: host.address, port: portOf(settings.port, host), tls },
      deadline,
      measured,
      {
        opened(socket) {
          const secured = socket as TLSSocket;
          measured.total();
          request = certificateRequest(secured);
          handshake = {
            certificate: secured.getPeerCertificate(true),
            protocol: secured.getProtocol() ?? 'unknown',
            alpn: secured.alpnProtocol || t('none'),
            // Node's types call it an Error; it is the code of one.
            distrust: secured.authorized ? undefined : String(secured.authorizationError),
            undecided: request.asked === true,
          };
          const graceMs = graceFor(handshake.protocol, request);
          if (graceMs === 0) return socket.destroy();
          const wait = (ms: number) => {
            clearTimeout(patience);
            patience = setTimeout(() => accepted(socket), ms + 2 * (measured.phases.connect ?? 0));
          };
          wait(graceMs);
          // A server gives tickets to clients that it accepts.
          secured.once('session', () => wait(secondThoughtMs));
        },
        received: (_, socket) => accepted(socket),
        ended() {
          if (!handshake) return;
          throw new MusterError('RESET', t('the server closed the connection after the handshake'));
        },
      },
    );
  } catch (error) {
    // A server that has asked for nothing may hang up as it likes.
    const isHarmless = MusterError.is(
      error,
      'TIMEOUT',
      ...(request?.asked === true ? [] : ['RESET' as const]),
    );
    if (!handshake || !isHarmless) throw error;
  } finally {
    clearTimeout(patience);
  }
  return handshake!;
}

/**
 * Milliseconds to wait after the handshake for a server's refusal of its client. In TLS 1.3 the client is the first to
 * have finished, and the server looks at its certificate only then.
 */
function graceFor(protocol: string, { asked }: CertificateRequest): number {
  if (protocol === 'TLSv1.3') return asked === false ? 0 : verdictMs;
  return asked === true ? secondThoughtMs : 0;
}

function judge(
  host: Host,
  expect: Settings['expect'],
  { certificate, protocol, alpn }: Handshake,
): Mismatch[] {
  const unhealthy = (expected: string, actual: string): Mismatch => ({
    status: 'unhealthy',
    expected,
    actual,
  });
  const mismatches = matchExpiry(expect.validFor ?? {}, certificate);
  if (expect.protocol && protocols.indexOf(protocol) < protocols.indexOf(expect.protocol))
    mismatches.push(unhealthy(t('{0} or newer', expect.protocol), protocol));
  if (expect.alpn !== undefined && alpn !== expect.alpn)
    mismatches.push(unhealthy(t('ALPN {0}', expect.alpn), alpn));
  const issuer = Object.values(certificate.issuer).flat().join(', ');
  if (expect.issuer !== undefined)
    mismatches.push(...matchSubstring(t('an issuer'), host, expect.issuer, issuer));
  for (const template of expect.names ?? []) {
    const name = resolvePlaceholders(template, host);
    if (checkServerIdentity(name, certificate))
      mismatches.push(
        unhealthy(t('a certificate for {0}', name), certificate.subjectaltname ?? t('no names')),
      );
  }
  return mismatches;
}

function matchExpiry(
  limit: NonNullable<Settings['expect']['validFor']>,
  leaf: DetailedPeerCertificate,
): Mismatch[] {
  const { notAfter, place } = earliest(expiries(leaf));
  const whose = place === 'leaf' ? t('a certificate') : t('an intermediate certificate');
  const leftMs = notAfter - Date.now();
  return matchLimit(
    limit,
    (limitMs) => leftMs >= limitMs,
    (limitMs) => ({
      expected: t('{0} valid for {1}', whose, days(limitMs)),
      actual: t('{0} (until {1})', days(leftMs), new Date(notAfter).toISOString()),
    }),
  );
}

interface Expiry {
  notAfter: number;
  place: 'leaf' | 'intermediate';
}

/** When the leaf and the intermediate certificates expire; roots are the business of the trust store. */
function expiries(leaf: DetailedPeerCertificate): Expiry[] {
  const found: Expiry[] = [{ notAfter: Date.parse(leaf.valid_to), place: 'leaf' }];
  const seen = new Set([leaf.fingerprint256]);
  for (let at = leaf.issuerCertificate; at && !seen.has(at.fingerprint256); at = at.issuerCertificate) {
    seen.add(at.fingerprint256);
    const isRoot = at.issuerCertificate?.fingerprint256 === at.fingerprint256;
    if (!isRoot) found.push({ notAfter: Date.parse(at.valid_to), place: 'intermediate' });
  }
  return found;
}

const earliest = (all: readonly Expiry[]) => all.reduce((a, b) => (b.notAfter < a.notAfter ? b : a));

function daysUntil(at: number): number {
  return Math.round(((at - Date.now()) / dayMs) * 100) / 100;
}

function days(ms: number): string {
  const count = Math.round((ms / dayMs) * 10) / 10;
  return count === 1 ? t('1 day') : t('{0} days', count);
}

function warningsFor({ insecure }: Settings, { distrust, undecided }: Handshake): string[] {
  const warnings: string[] = [];
  if (insecure)
    warnings.push(
      distrust === undefined
        ? t(insecureWarning)
        : t('{0}; it would fail: {1}', t(insecureWarning), distrust),
    );
  if (undecided)
    warnings.push(
      t('the server asked for a client certificate, and time was up before it could refuse this client'),
    );
  return warnings;
}

export const tls: Probe<Settings> = {
  type: 'tls',
  description: 'Shakes hands and judges the certificate chain, its expiry, name, protocol and ALPN.',
  settings,
  socketsOnly: () => true,
  run,
};
