import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import { Circuit } from '../../../../src/platform/transport/ssh/pool/circuit';

const refused = new MusterError('REFUSED', 'connect ECONNREFUSED', { phase: 'connect' });
const dead = () => Promise.resolve({ error: refused, dead: true });
const alive = () => Promise.resolve({ value: 'connected' });

describe('a circuit', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-01-02T03:04:05Z') });
    return () => vi.useRealTimers();
  });
  afterEach(() => vi.clearAllTimers());

  it('opens when the host was found dead as often as it takes', async () => {
    const circuit = new Circuit({ threshold: 2, retryAfterMs: 15_000 });
    await expect(circuit.run(dead)).rejects.toBe(refused);
    await expect(circuit.run(dead)).rejects.toBe(refused);
    await expect(circuit.run(alive)).rejects.toMatchObject({
      code: 'CIRCUIT_OPEN',
      phase: 'connect',
      message: 'not tried: dead since 03:04:05 UTC (REFUSED: connect ECONNREFUSED); next try in 15 s',
      cause: refused,
    });
  });

  it('stays closed when the host answered, whatever it said', async () => {
    const circuit = new Circuit({ threshold: 1, retryAfterMs: 15_000 });
    const error = new MusterError('AUTH', 'login refused');
    for (let round = 0; round < 3; round++) {
      await expect(circuit.run(() => Promise.resolve({ error, dead: false }))).rejects.toBe(error);
    }
    expect(circuit.refusal()).toBeUndefined();
  });

  it('lets one attempt through after a while, and closes when that succeeds', async () => {
    const circuit = new Circuit({ threshold: 1, retryAfterMs: 15_000 });
    await expect(circuit.run(dead)).rejects.toBe(refused);
    vi.setSystemTime(Date.now() + 15_001);
    await expect(circuit.run(dead)).rejects.toBe(refused);
    expect(circuit.refusal()?.code).toBe('CIRCUIT_OPEN');
    vi.setSystemTime(Date.now() + 15_001);
    await expect(circuit.run(alive)).resolves.toBe('connected');
    await expect(circuit.run(alive)).resolves.toBe('connected');
  });

  it('is closed by hand', async () => {
    const circuit = new Circuit({ threshold: 1, retryAfterMs: 15_000 });
    await expect(circuit.run(dead)).rejects.toBe(refused);
    circuit.reset();
    await expect(circuit.run(alive)).resolves.toBe('connected');
  });
});
