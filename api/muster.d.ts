/**
 * The API of Muster for other extensions, version 1. Take this file into your extension; it needs nothing but
 * `@types/vscode`. See docs/api.md.
 */
import type { CancellationToken, Disposable, Event } from 'vscode';

/** What activating `muster-ops.muster` returns. */
export interface MusterExports {
  /** The newest version that `getApi` gives. */
  readonly apiVersion: 1;
  /**
   * @param version what your extension was written for
   * @param extensionId yours, e.g. `context.extension.id`: the user sees who asks
   * @throws Error when this Muster has no such version, or no such extension is installed
   */
  getApi(version: 1, extensionId: string): MusterApi;
}

/** Version 1. Later releases may add to it; what is there stays. */
export interface MusterApi {
  readonly version: 1;
  /** Resolves when every inventory was read once. */
  readonly ready: Promise<void>;
  /** The inventories on screen, as they are now. */
  readonly inventories: readonly MusterInventory[];
  /** An inventory came, went or was read again. */
  readonly onDidChangeInventories: Event<void>;
  /** A check ended, whoever started it. */
  readonly onDidCheck: Event<MusterCheckEvent>;
  /** A command ended on all of its hosts, whoever started it. */
  readonly onDidRun: Event<MusterRunEvent>;

  /**
   * The hosts that a selector selects, in the inventory's order.
   * @throws Error with `code` USAGE when it cannot be read, names what is unknown, or matches no host
   */
  select(selector: string, options?: MusterInventoryOptions): Promise<readonly MusterHost[]>;

  /**
   * Makes checks, and shows their verdicts as those of any other check. Host keys are verified as ever.
   * @throws Error with `code` UNTRUSTED in an untrusted workspace, USAGE when nothing is selected
   */
  check(options?: MusterCheckOptions): Promise<readonly MusterCheckResult[]>;

  /**
   * Runs a command on hosts after the user has confirmed it, told which extension asks. Protected hosts need their
   * selector typed by the user. Resolves to undefined when the user declines.
   * @throws Error with `code` UNTRUSTED in an untrusted workspace, USAGE, READ_ONLY for hosts of such a group
   */
  run(options: MusterRunOptions): Promise<MusterRunReport | undefined>;

  /**
   * Adds a kind of check: `type: <type>` in muster.yaml. Inventories are read again.
   * @param type lower case letters, digits and dashes, beginning with a letter
   * @throws Error when there is such a type already, or the settings' schema cannot be read
   */
  registerProbe(type: string, probe: MusterProbe): Promise<Disposable>;
}

export interface MusterInventory {
  /** The folder's name. */
  readonly label: string;
  /** Path of the muster.yaml. */
  readonly file: string;
  readonly hosts: readonly MusterHost[];
  readonly groups: readonly MusterGroup[];
  readonly checks: readonly MusterCheck[];
}

export interface MusterHost {
  readonly name: string;
  /** Host name or IP address. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  /** Nothing is run on it. */
  readonly readOnly: boolean;
}

export interface MusterGroup {
  readonly name: string;
  /** Names of its hosts. */
  readonly hosts: readonly string[];
}

export interface MusterCheck {
  readonly name: string;
  readonly type: string;
  /** Names of the hosts that it applies to. */
  readonly hosts: readonly string[];
}

export interface MusterInventoryOptions {
  /** Label or file of the inventory; needed where there are several. */
  inventory?: string;
}

export interface MusterCheckOptions extends MusterInventoryOptions {
  /** Default: every host. */
  selector?: string;
  /** Names of checks. Default: all that apply. */
  checks?: readonly string[];
  /** Begin no more checks once more than this many have failed. */
  maxFailures?: number;
  /** Show no progress notification. */
  quiet?: boolean;
  token?: CancellationToken;
  /** Called as each check ends. */
  onResult?: (result: MusterCheckResult) => void;
}

export interface MusterRunOptions extends MusterInventoryOptions {
  selector: string;
  /** A command line for the hosts' shell. */
  command: string;
  /** Run as root through `sudo -n`. */
  sudo?: boolean;
  /** Milliseconds for one host. Default: the setting `muster.timeout`. */
  timeoutMs?: number;
  token?: CancellationToken;
  onResult?: (result: MusterRunResult) => void;
}

/** What went wrong; `code` is stable, e.g. TIMEOUT, REFUSED, AUTH, HOST_KEY_MISMATCH, EXPECTATION. */
export interface MusterErrorReport {
  readonly code: string;
  readonly message: string;
  readonly causes: readonly string[];
  /** What the user can do about it. */
  readonly hint?: string;
  /** The operation that it is from. */
  readonly traceId?: string;
}

/** One number that was found out. */
export interface MusterMeasurement {
  /** e.g. `phase`, `tls.certificate.remaining`. */
  readonly name: string;
  readonly value: number;
  /** A code of UCUM, e.g. `ms`, `s`, `d`, `By` for bytes, `1` for a bare number. */
  readonly unit: string;
  /** Which of several of the same name it is. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** The operation that a result is from, as W3C Trace Context names it. */
export interface MusterTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the work on this target; undefined if it was not begun. */
  readonly spanId?: string;
  readonly measurements: readonly MusterMeasurement[];
}

export interface MusterCheckResult extends MusterTrace {
  readonly host: string;
  readonly check: string;
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'skipped';
  readonly latencyMs: number;
  readonly message: string;
  readonly mismatch?: { readonly expected: string; readonly actual: string };
  readonly error?: MusterErrorReport;
}

export interface MusterCheckEvent {
  /** File of the inventory. */
  readonly inventory: string;
  readonly result: MusterCheckResult;
}

export interface MusterRunResult extends MusterTrace {
  readonly host: string;
  /** `stopped`: cancelled while the command ran, which may have done a part of its work; `skipped`: never started. */
  readonly status: 'ok' | 'failed' | 'stopped' | 'skipped';
  /** null when the command did not exit by itself. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** As the host sent it: take it for data, and clean it before you show it. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether output beyond 1 MiB was received and not kept. */
  readonly truncated: boolean;
  readonly durationMs: number;
  readonly error?: MusterErrorReport;
}

export interface MusterRunReport {
  readonly traceId: string;
  readonly ok: number;
  readonly failed: number;
  readonly stopped: number;
  readonly skipped: number;
  readonly durationMs: number;
  readonly results: readonly MusterRunResult[];
}

export interface MusterRunEvent {
  readonly traceId: string;
  /** File of the inventory. */
  readonly inventory: string;
  readonly hosts: readonly string[];
  readonly ok: number;
  readonly failed: number;
  readonly stopped: number;
  readonly skipped: number;
  readonly durationMs: number;
}

/** One kind of check. */
export interface MusterProbe<Settings = Record<string, unknown>> {
  /** One sentence, shown in completion and hover. */
  description: string;
  /**
   * JSON Schema (draft 7) of the keys beside `type`, `on` and `timeout`, with a description each; what it refuses is
   * underlined in muster.yaml. Default: no keys.
   */
  settings?: object;
  /** What is thrown makes the host unhealthy, its message and causes shown. */
  check(host: MusterHost, settings: Settings, context: MusterProbeContext): Promise<MusterFinding>;
}

export interface MusterProbeContext {
  /** Aborts when the check's timeout has passed or the user cancels: close what you opened. */
  readonly signal: AbortSignal;
  /** The inventory's folder, where relative paths in the settings start. */
  readonly directory: string;
  /** What to send as `traceparent` with what is asked of other services. */
  readonly traceparent?: string;
}

export interface MusterFinding {
  status: 'healthy' | 'degraded' | 'unhealthy';
  /** One line: what was found. */
  message: string;
  /** Compared in the Test Explorer. */
  mismatch?: { expected: string; actual: string };
  /** At most 100. */
  measurements?: readonly MusterMeasurement[];
}
