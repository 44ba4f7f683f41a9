import { type ConfigurationScope, type Disposable, workspace } from 'vscode';
import { parseDuration } from '../../platform/inventory/schema/duration';

const section = 'muster';

/** One setting under `muster.`; package.json describes it to the user. */
export interface Setting<Value> {
  get(scope?: ConfigurationScope): Value;
  onDidChange(listener: () => void): Disposable;
}

/** `read` makes sense of what the user wrote; what makes none counts as not set. */
export function defineSetting<Value>(key: string, read: (value: unknown) => Value): Setting<Value> {
  return {
    get: (scope) => read(workspace.getConfiguration(section, scope).get(key)),
    onDidChange: (listener) =>
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(`${section}.${key}`)) listener();
      }),
  };
}

/** Path of the inventory, relative to the workspace folder. */
export const inventorySetting = defineSetting(
  'inventory',
  (value) => (typeof value === 'string' && value.trim()) || 'muster.yaml',
);

/** Whether lenses are shown over entries of a muster.yaml and over requests. */
export const codeLensSetting = defineSetting('codeLens', (value) => value !== false);

/** Targets in flight; undefined leaves it to the inventory. */
export const concurrencySetting = defineSetting('concurrency', atLeastOne);

/** Milliseconds for one target; undefined leaves it to the check, and runs without a limit. */
export const timeoutSetting = defineSetting('timeout', durationOf);

/** Hosts on which a run needs its selector typed; empty for none. */
export const protectedSelectorSetting = defineSetting('protectedSelector', (value) =>
  typeof value === 'string' ? value.trim() : 'env=prod',
);

/** SSH connections kept open at most. */
export const maxConnectionsSetting = defineSetting('ssh.maxConnections', (value) => atLeastOne(value) ?? 256);

export function atLeastOne(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 ? Math.floor(value) : undefined;
}

/** Milliseconds; the pattern in package.json marks a bad duration in the settings editor. */
export function durationOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  try {
    return parseDuration(value.trim());
  } catch {
    return undefined;
  }
}
