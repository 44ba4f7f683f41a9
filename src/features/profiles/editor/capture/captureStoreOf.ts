import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import type { Logger } from '../../../../platform/host/host';
import { atLeastOne, defineSetting } from '../../../../shell/editor/settings';
import { workspaceStorage } from '../../../../shell/editor/workspaceStorage';
import { CaptureStore } from './captureStore';

const countSetting = defineSetting('profiles.maxCount', (value) => atLeastOne(value) ?? 100);
/** Megabytes. */
const sizeSetting = defineSetting('profiles.maxSize', (value) => atLeastOne(value) ?? 1000);

const stores = new WeakMap<ExtensionContext, CaptureStore>();

interface CaptureStorePorts {
  context: ExtensionContext;
  logger: Logger;
}

/** The captures of this workspace, in one store for the features that capture, list and compare them. */
export function captureStoreOf({ context, logger }: CaptureStorePorts): CaptureStore {
  const known = stores.get(context);
  if (known) return known;
  const folder = join(workspaceStorage(context) ?? context.globalStorageUri.fsPath, 'captures');
  const limits = () => ({ count: countSetting.get(), bytes: sizeSetting.get() * 1024 * 1024 });
  const store = new CaptureStore(folder, limits, (error) =>
    logger.warn(`old captures are not removed: ${String(error)}`),
  );
  stores.set(context, store);
  return store;
}
