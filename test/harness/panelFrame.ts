import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from './workbench';

const webviews = (workbench: Workbench): Locator => workbench.page.locator('iframe.webview.ready');
/** What an extension puts into a webview is in a frame within that of VS Code. */
const pageIn = (webview: FrameLocator): FrameLocator => webview.frameLocator('iframe#active-frame');

/** The page of the webview that was opened or shown last: nothing in the page ties a webview to the tab with its title. */
export function panelFrame(workbench: Workbench): FrameLocator {
  return pageIn(webviews(workbench).last().contentFrame());
}

/** The pages of all webviews. */
export async function panelFrames(workbench: Workbench): Promise<FrameLocator[]> {
  return (await webviews(workbench).all()).map((webview) => pageIn(webview.contentFrame()));
}
