import { type ConfigurationScope, type Disposable, workspace } from 'vscode';
import { parseDuration } from '../core/inventory/duration';

/** The settings under `muster.`, typed; package.json describes them to the user. */
export interface Settings {
  /** Path of the inventory, relative to the workspace folder. */
  inventory: string;
  /** Targets in flight; undefined leaves it to the inventory. */
  concurrency: number | undefined;
  /** Milliseconds for one target; undefined leaves it to the check, and runs without a limit. */
  timeoutMs: number | undefined;
  /** SSH connections kept open at most. */
  maxConnections: number;
}

const section = 'muster';
const keys = {
  inventory: 'inventory',
  concurrency: 'concurrency',
  timeoutMs: 'timeout',
  maxConnections: 'ssh.maxConnections',
} satisfies Record<keyof Settings, string>;

export function readSettings(scope?: ConfigurationScope): Settings {
  const configuration = workspace.getConfiguration(section, scope);
  return {
    inventory: configuration.get<string>(keys.inventory)?.trim() || 'muster.yaml',
    concurrency: atLeastOne(configuration.get(keys.concurrency)),
    timeoutMs: durationOf(configuration.get(keys.timeoutMs)),
    maxConnections: atLeastOne(configuration.get(keys.maxConnections)) ?? 256,
  };
}

export function onSettingChange(name: keyof Settings, listener: () => void): Disposable {
  return workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${section}.${keys[name]}`)) listener();
  });
}

function atLeastOne(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 ? Math.floor(value) : undefined;
}

/** The pattern in package.json marks a bad duration in the settings editor; here it counts as not set. */
function durationOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  try {
    return parseDuration(value.trim());
  } catch {
    return undefined;
  }
}
