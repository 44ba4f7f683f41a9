import { Session } from 'node:inspector/promises';

/** Milliseconds: a recording grows for as long as it lasts. */
export const longestRecordingMs = 300_000;

/** What this process does from now on, recorded within the process: no port is opened for it. */
export class CpuRecording {
  private constructor(private readonly session: Session) {}

  static async begin(): Promise<CpuRecording> {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    return new CpuRecording(session);
  }

  /** Ends it. @returns a `.cpuprofile`, as V8 writes it */
  async end(): Promise<string> {
    const { profile } = await this.session.post('Profiler.stop');
    this.session.disconnect();
    return JSON.stringify(profile);
  }
}
