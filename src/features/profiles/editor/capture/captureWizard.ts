import { dirname } from 'node:path';
import { l10n } from 'vscode';
import type { ProfilerEntry } from '../../core/capture/profilerEntry';
import type { Host } from '../../../../platform/inventory/model';
import { captureOrder } from '../../core/capture/captureOrder';
import type { CaptureKind, Profiler } from '../../core/capture/profiler';
import { profilerOf } from '../../core/capture/profilers';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';
import { type HostChoice, pickFleet, pickHostsStep } from '../../../../shell/editor/commands/pickHosts';
import { back, type StepPlace } from '../../../../shell/editor/commands/quickPickStep';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import { askSource, type SourceSetting } from './askSource';
import type { CaptureJob, CapturePorts } from './fleetCaptures';
import { pickKind } from './pickKind';
import { pickProcess, type ProcessChoice } from './pickProcess';
import { pickProfiler } from './pickProfiler';
import { pickTime, type TimeAnswer } from './pickTime';

/** What is known before anything is asked. */
export interface CaptureDraft {
  choice?: HostChoice;
  fleet?: Fleet | undefined;
}

type Step = 'hosts' | 'profiler' | 'source' | 'kind' | 'process' | 'time';

/** Asks in steps that can be gone back over; undefined when it was left. */
export async function askCapture(ports: CapturePorts, draft: CaptureDraft): Promise<CaptureJob | undefined> {
  return new CaptureWizard(ports, draft).ask();
}

class CaptureWizard {
  private fleet: Fleet | undefined;
  private choice: HostChoice | undefined;
  private profiler: Profiler | undefined;
  private entry: ProfilerEntry | undefined;
  /** The URL, or the command line. */
  private source: string | undefined;
  private kind: CaptureKind | undefined;
  private process: ProcessChoice | undefined;
  private readonly time: TimeAnswer = {};

  constructor(
    private readonly ports: CapturePorts,
    private readonly draft: CaptureDraft,
  ) {
    this.choice = draft.choice;
    this.fleet = draft.choice?.fleet ?? draft.fleet;
  }

  async ask(): Promise<CaptureJob | undefined> {
    const { shown } = this.ports.fleets;
    // What is known already is not asked for, but can be gone back to.
    let index = this.choice ? 1 : 0;
    for (let steps = this.steps(); index < steps.length; steps = this.steps()) {
      const answer = await this.askFor(steps[index]!, {
        ...{ step: index + 1, totalSteps: steps.length },
        canGoBack: index > 0 || shown.length > 1,
      });
      if (answer === undefined) return undefined;
      if (answer !== back) index++;
      else if (index > 0) index--;
      else this.fleet = undefined;
    }
    return this.job();
  }

  /** Those that what was answered so far leads to. */
  private steps(): Step[] {
    const { profiler, entry } = this;
    if (!profiler) return ['hosts', 'profiler', 'kind', 'time'];
    const takesProcess = profiler.process === 'needed' || profiler.type === 'perf';
    return [
      'hosts',
      'profiler',
      ...(!entry && sourceOf(profiler) ? (['source'] as const) : []),
      ...(profiler.kinds.length > 1 ? (['kind'] as const) : []),
      ...(takesProcess && !entry?.settings.process ? (['process'] as const) : []),
      'time',
    ];
  }

  /** Keeps the answer; `true` means that there is one. */
  private async askFor(step: Step, place: StepPlace): Promise<true | typeof back | undefined> {
    switch (step) {
      case 'hosts':
        return this.askHosts(place);
      case 'profiler': {
        const { fleet, hosts } = this.choice!;
        const title = l10n.t('Capture from {0}: with which profiler?', this.targets());
        const answer = await pickProfiler(title, place, fleet.inventory!, hosts);
        if (answer === undefined || answer === back) return answer;
        if (answer.profiler !== this.profiler || answer.entry !== this.entry)
          this.source = this.kind = this.process = undefined;
        ({ profiler: this.profiler, entry: this.entry } = answer);
        return true;
      }
      case 'source': {
        const answer = await askSource(this.title(), place, sourceOf(this.profiler!)!, this.source);
        if (answer === undefined || answer === back) return answer;
        this.source = answer;
        return true;
      }
      case 'kind': {
        const { kinds } = this.profiler!;
        const named = this.kind ?? kinds.find(({ name }) => name === this.entry?.kind) ?? kinds[0];
        const answer = await pickKind(this.title(), place, this.profiler!, named);
        if (answer === undefined || answer === back) return answer;
        this.kind = answer;
        return true;
      }
      case 'process': {
        const answer = await pickProcess(this.title(), place, {
          ...{
            fleet: this.choice!.fleet,
            hosts: this.hosts(),
            isOptional: this.profiler!.process === 'optional',
          },
        });
        if (answer === undefined || answer === back) return answer;
        this.process = answer;
        return true;
      }
      case 'time': {
        this.time.durationMs ??= this.entry?.durationMs;
        this.time.rate ??= this.entry?.rate;
        return pickTime(this.title(), place, this.profiler!, this.kindNow(), !this.entry, this.time);
      }
    }
  }

  private async askHosts(place: StepPlace): Promise<true | typeof back | undefined> {
    this.fleet ??= await pickFleet(this.ports.fleets.shown);
    if (!this.fleet) return undefined;
    const selector = this.choice?.fleet === this.fleet ? this.choice.selector : undefined;
    const title = l10n.t('Capture Profile: from which hosts?');
    const answer = await pickHostsStep(this.fleet, title, {
      place,
      ...(selector !== undefined && { selector }),
    });
    if (answer === undefined || answer === back) return answer;
    this.choice = answer;
    this.entry = this.profiler = undefined;
    return true;
  }

  private job(): CaptureJob {
    const profiler = this.profiler!;
    const { entry, process, time } = this;
    const { fleet, selector } = this.choice!;
    const input: Record<string, unknown> = {
      ...(this.source !== undefined && { [sourceOf(profiler)!.key]: this.source }),
      ...(time.sudo && { sudo: true }),
      ...(process?.pattern !== undefined && { process: process.pattern }),
    };
    const chosen = profiler.settings.partial().parse(input) as Record<string, unknown>;
    const settings = entry
      ? { ...entry.settings, ...(process?.pattern !== undefined && { process: chosen.process }) }
      : (profiler.settings.parse(input) as Record<string, unknown>);
    const { durationMs, rate } = time;
    const order = captureOrder(profilerOf(profiler.type), {
      ...{ kind: this.kindNow().name, durationMs, rate, pid: process?.pid },
    });
    return {
      ...{ fleet, selector, hosts: this.hosts(), service: entry?.name ?? process?.name ?? profiler.type },
      directory: entry?.directory ?? dirname(fleet.file),
      plan: { type: profiler.type, settings, order },
    };
  }

  private kindNow(): CaptureKind {
    const { kinds } = this.profiler!;
    return this.kind ?? kinds.find(({ name }) => name === this.entry?.kind) ?? kinds[0];
  }

  /** Those of the chosen hosts that the profiler is for. */
  private hosts(): readonly Host[] {
    const { hosts } = this.choice!;
    if (!this.entry) return hosts;
    const own = new Set(this.entry.hosts);
    return hosts.filter(({ name }) => own.has(name));
  }

  private targets(): string {
    return `${this.choice!.selector} (${hostCount(this.choice!.hosts.length)})`;
  }

  private title(): string {
    const what = this.entry?.name ?? this.profiler!.title;
    return l10n.t('Capture {0} from {1}', what, hostCount(this.hosts().length));
  }
}

function sourceOf({ type }: Profiler): SourceSetting | undefined {
  const starts: Record<string, SourceSetting> = {
    go: { key: 'url', start: 'http://127.0.0.1:6060' },
    node: { key: 'url', start: 'http://127.0.0.1:9229' },
    command: { key: 'run', start: '' },
  };
  return starts[type];
}
