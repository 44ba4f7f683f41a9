import { type Browser, type BrowserServer, chromium } from 'playwright-core';

const flags = [
  ...['--no-sandbox', '--no-first-run', '--disable-quic', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  // What a page draws with a graphics processor is computed by one that is not there; all else is quicker without.
  ...['--disable-gpu', '--enable-unsafe-swiftshader'],
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

const options = (moreFlags: readonly string[] = []) => ({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [...flags, ...moreFlags],
});

/** The machine's Chromium, which draws in software and reaches nothing but loopback. */
export const launchChromium = (moreFlags?: readonly string[]): Promise<Browser> =>
  chromium.launch(options(moreFlags));

/** One that other processes use as well, each in contexts of its own: see `connectChromium`. */
export const launchChromiumServer = (): Promise<BrowserServer> => chromium.launchServer(options());

/** Closing it closes the contexts that were made with it, and leaves the browser running. */
export const connectChromium = (endpoint: string): Promise<Browser> => chromium.connect(endpoint);
