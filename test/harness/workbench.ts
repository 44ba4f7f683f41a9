import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchChromium } from './launchChromium';
import { type TreeRow, readStatusBarItem, readTreeRows, readViewLines } from './readDom';
import { until, untilRead } from './until';
import { standStill } from './standStill';
import { endExtensionHosts, extensionHosts, type VscodeServer } from './vscodeServer';

export interface Notification {
  message: string;
  buttons: string[];
}

export interface ModalDialog {
  message: string;
  detail: string;
  buttons: string[];
}

/** What is waited for: something on screen, or whatever is true then. */
export type Outcome = Locator | (() => Promise<unknown>);

export interface WorkbenchOptions {
  /** The language, such as `zh-cn`, that extensions are told; without a language pack VS Code goes on in English. */
  locale?: string;
  /** By default one is launched for this workbench. */
  browser?: Promise<Browser>;
  /** Called when it is about to close. */
  closing?: () => Promise<void>;
}

/** Titles in the list of colour themes, and what the workbench is marked with. */
const themes = {
  light: { title: 'Light Modern', marker: 'vs' },
  dark: { title: 'Dark Modern', marker: 'vs-dark' },
  highContrast: { title: 'Dark High Contrast', marker: 'hc-black' },
  highContrastLight: { title: 'Light High Contrast', marker: 'hc-light' },
} as const;

/** Milliseconds in which VS Code takes a click or a key, or it is tried again. */
const reach = 10_000;
/** Milliseconds after which what was done without effect is done again; on a slow machine it may only be late. */
const patience = 15_000;

const isPictured = process.env['MUSTER_PICTURES'] !== undefined;

/** What VS Code's own texts set when they are loaded, in English, stays as it is. */
const speak = (locale: string) =>
  Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { get: () => locale, set: () => {} });

/** A button as every part of the workbench draws it, found by its whole text. */
const button = (within: Locator, text: string) => within.locator('.monaco-button').filter(whole(text));
const whole = (text: string) => ({
  hasText: new RegExp(`^\\s*${text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}\\s*$`),
});

const succeeds = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

/**
 * Clicks what goes when it was clicked, again while it stays: VS Code loses a click on what it draws again at that moment.
 * False where it went, or never came, without a click.
 */
async function clickAway(element: Locator): Promise<boolean> {
  let isClicked = false;
  while (await succeeds(element.click({ timeout: reach }))) {
    isClicked = true;
    if (await succeeds(element.waitFor({ state: 'hidden', timeout: reach }))) break;
  }
  return isClicked && element.isHidden();
}

/** What a user sees of VS Code and does with it, in a real browser. Everything waits for what it needs. */
export class Workbench implements AsyncDisposable {
  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: VscodeServer,
    private readonly errors: string[],
    private readonly closing: () => Promise<void>,
  ) {}

  /**
   * Opens `folder` in a new context of a browser. Both server and browser are disposed when the workbench closes, or when
   * it cannot be opened.
   */
  static async open(
    server: VscodeServer,
    folder: string,
    { locale, browser: opening = launchChromium(), closing = async () => {} }: WorkbenchOptions = {},
  ): Promise<Workbench> {
    let browser: Browser | undefined;
    try {
      browser = await opening;
      const page = await browser.newPage({
        viewport: { width: 1280, height: 800 },
        reducedMotion: 'reduce',
      });
      page.setDefaultTimeout(60_000);
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      if (locale) await page.addInitScript(speak, locale);
      await page.goto(server.url(folder));
      await page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor();
      return new Workbench(page, browser, server, errors, closing);
    } catch (error) {
      await browser?.close();
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closing();
    await this.browser.close();
    await this.server[Symbol.asyncDispose]();
  }

  /**
   * Waits until VS Code has read what its extensions contribute. Its service for custom editors is made when the page
   * is idle for the first time: until then their files open as text.
   */
  async settled(): Promise<void> {
    await this.page.waitForFunction(() => performance.getEntriesByName('code/didLoadExtensions').length > 0);
    await this.page.evaluate(
      'new Promise((resolve) => requestIdleCallback(() => requestIdleCallback(resolve)))',
    );
  }

  /** Errors on the browser's console that mention `text`; the extension host's are among them. */
  consoleErrors(text: string): string[] {
    // Temporary folders may be called so, too.
    return this.errors.filter((error) => error.replaceAll(tmpdir(), '').includes(text));
  }

  /** Runs a command by the full title that the palette shows, such as `Muster: Check All Hosts`. */
  async runCommand(title: string): Promise<void> {
    // The palette does not grow while it is open, and extensions contribute to it only after a while.
    await until(
      `command "${title}" in the palette`,
      async () => {
        await this.page.keyboard.press('F1');
        // What takes the focus meanwhile, such as a terminal that opens, closes the palette.
        const isTyped = await succeeds(this.typeInto(this.quickInputBox, `>${title}`, reach));
        if (isTyped && (await clickAway(this.pickRow(title)))) return true;
        await this.page.keyboard.press('Escape');
        return false;
      },
      60_000,
    );
  }

  /** Opens a file of the folder by its name, and waits until it is in front. */
  async openFile(name: string): Promise<void> {
    await this.chooseFrom('Go to File...', name, async () => (await this.editorTitle()) === name);
  }

  /** Chooses an item of the list of a command until that has led to `outcome`: what takes the focus closes the list. */
  async chooseFrom(command: string, label: string, outcome: Outcome): Promise<void> {
    await this.actUntil(label, outcome, async () => {
      await this.runCommand(command);
      await this.typeInto(this.quickInputBox, label, reach);
      await clickAway(this.pickRow(label));
    });
  }

  /**
   * Repeats `act` until `outcome` is there. VS Code loses a click on what it is redrawing, or runs a command without the row
   * that it was meant for.
   */
  async actUntil(
    what: string,
    outcome: Outcome,
    act: () => Promise<unknown>,
    timeout = patience,
  ): Promise<void> {
    const isThere = () => (typeof outcome === 'function' ? outcome() : outcome.first().isVisible());
    await until(what, async () => {
      if (await isThere()) return true;
      return (await succeeds(act())) && succeeds(until(what, isThere, timeout));
    });
  }

  /**
   * Reloads the window and opens Muster's container until `outcome` is there. While the extension host of the window before
   * has not ended, VS Code gives the new one another folder to keep things in.
   */
  async reloadUntil(what: string, outcome: () => Promise<boolean>): Promise<void> {
    const container = this.activityBarItem('Muster').and(this.page.locator('[aria-expanded="true"]'));
    await until(what, async () => {
      await this.page.reload();
      // A click while the window restores it would close it.
      await succeeds(container.waitFor({ timeout: patience }));
      await this.openViewContainer('Muster');
      return succeeds(until(what, outcome, patience));
    });
  }

  /** Fills the quick pick's filter or the input box that is open. */
  async type(text: string): Promise<void> {
    await this.typeInto(this.quickInputBox, text);
  }

  /** Playwright's `fill` types into what has the focus by then: the editor, where the input was closed meanwhile. */
  private async typeInto(input: Locator, text: string, timeout?: number): Promise<void> {
    await input.waitFor({ timeout });
    await input.evaluate(
      (element: { focus(): void; value: string } & EventTarget, value) => {
        element.focus();
        element.value = value;
        element.dispatchEvent(new Event('input', { bubbles: true }));
      },
      text,
      { timeout },
    );
  }

  async accept(): Promise<void> {
    await this.quickInputBox.press('Enter');
  }

  /** Answers the dialog for files, which fills in where it begins once it knows, and drops what was typed before. */
  async chooseFile(path: string): Promise<void> {
    const input = this.quickInputBox;
    await until('where the dialog for files begins', async () => (await input.inputValue()).startsWith('/'));
    // Once it has read the folder it shows the name that it proposes, over whatever was typed before.
    await this.quickInput.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await until(`${path} chosen`, async () => {
      if (await input.isHidden()) return true;
      await this.typeInto(input, path, 2000).catch(() => {});
      // It may still be reading the folder that it began in, and then shows that again.
      await this.quickInput
        .locator('.quick-input-progress:not(.active)')
        .waitFor({ state: 'attached', timeout: 2000 })
        .catch(() => {});
      if ((await input.inputValue({ timeout: 2000 }).catch(() => '')) !== path) return false;
      await input.press('Enter', { timeout: 2000 }).catch(() => {});
      await input.waitFor({ state: 'hidden', timeout: 2000 }).catch(() => {});
      return input.isHidden();
    });
  }

  /** Clicks an item of the quick pick, until that has led to `outcome`: by default the item goes. */
  async pick(label: string, outcome?: Outcome): Promise<void> {
    const row = this.pickRow(label);
    if (outcome) await this.actUntil(label, outcome, () => row.click({ timeout: reach }));
    else await until(`“${label}” chosen`, () => clickAway(row));
  }

  /** The labels of the quick pick's items that fit on the screen. */
  async pickItems(): Promise<string[]> {
    const labels = this.quickInput.locator('.quick-input-list .monaco-list-row .label-name');
    await labels.first().waitFor();
    return labels.allInnerTexts();
  }

  /** The prompt or validation message of the input box, waited for until it contains `text`. */
  async inputMessage(text: string): Promise<string> {
    const message = this.quickInput.locator('.quick-input-message', { hasText: text });
    return message.innerText();
  }

  /** The type of the input element: `password` where what is typed must not be seen. */
  async inputType(): Promise<string | null> {
    return this.quickInputBox.getAttribute('type');
  }

  /** Opens a view container through its icon in the activity bar, unless it is open. */
  async openViewContainer(title: string): Promise<void> {
    const icon = this.activityBarItem(title);
    // A window that is being restored opens it by itself: a click at that moment closes it.
    await this.setExpanded(title, icon, icon, true);
  }

  /** Opens a view of the container that is open, or closes it and gives its room to the others. */
  async setViewExpanded(view: string, isExpanded: boolean): Promise<void> {
    const header = this.viewHeader(view);
    await this.setExpanded(view, header, header, isExpanded);
  }

  viewHeader(view: string): Locator {
    return this.page.locator(`.pane-header[aria-label="${view} Section"]`);
  }

  /** Each click on `handle` toggles `element`, unless VS Code is redrawing it and loses the click. */
  private async setExpanded(what: string, element: Locator, handle: Locator, isExpanded: boolean) {
    const done = element.and(this.page.locator(`[aria-expanded="${isExpanded}"]`));
    await this.actUntil(
      `${what} ${isExpanded ? 'expanded' : 'collapsed'}`,
      () => done.count(),
      () => this.clickUncovered(handle),
    );
  }

  /** The tooltip of what is below the pointer would lie over what is clicked next. */
  private async clickUncovered(element: Locator, button: 'left' | 'right' = 'left'): Promise<void> {
    await this.page.mouse.move(0, 0);
    await element.click({ button, timeout: reach });
  }

  /** The number on a view container's icon; empty without one. */
  async badge(title: string): Promise<string> {
    const content = this.activityBarItem(title).locator('.badge-content');
    return (await content.count()) ? content.innerText() : '';
  }

  /** The rows of a tree view that fit on the screen, from the top. */
  async treeRows(view: string): Promise<TreeRow[]> {
    return this.tree(view).locator('.monaco-list-row').evaluateAll(readTreeRows);
  }

  treeRow(view: string, name: string): Locator {
    const label = this.page.locator('.label-name').filter(whole(name));
    return this.tree(view).locator('.monaco-list-row', { has: label }).first();
  }

  /** Presses a key in a tree, wherever the focus is. */
  async pressInTree(view: string, key: string): Promise<void> {
    await this.tree(view).press(key);
  }

  /** Opens a row by its arrow: a click on its name may do something else. */
  async expandTreeRow(view: string, name: string): Promise<void> {
    const row = this.treeRow(view, name);
    await this.setExpanded(name, row, row.locator('.monaco-tl-twistie'), true);
  }

  /** Clicks a tree row until that has led to `outcome`. */
  async clickTreeRow(view: string, name: string, outcome: Outcome): Promise<void> {
    await this.actUntil(`${name} clicked`, outcome, () => this.clickUncovered(this.treeRow(view, name)));
  }

  /** Points at a tree row until its tooltip says `text`. */
  async tooltip(view: string, name: string, text: RegExp): Promise<void> {
    const tooltip = this.page.locator('.workbench-hover, .monaco-hover', { hasText: text }).first();
    await this.actUntil(`${text} as the tooltip of ${name}`, tooltip, async () => {
      // One shows only where the pointer moved.
      await this.page.mouse.move(0, 0);
      await this.treeRow(view, name).hover();
    });
  }

  /** Clicks the action with this title beside a tree row, until that has led to `outcome`. */
  async clickRowAction(view: string, name: string, title: string, outcome: Outcome): Promise<void> {
    const row = this.treeRow(view, name);
    await this.actUntil(`"${title}" beside ${name}`, outcome, async () => {
      // A row that is drawn anew takes its actions with it, and shows them where the pointer moved.
      await this.page.mouse.move(0, 0);
      // Its tooltip opens to the right of the pointer: from its middle it would lie over them.
      const { width, height } = await row.evaluate((element) => element.getBoundingClientRect());
      await row.hover({ timeout: reach, position: { x: width - 4, y: height / 2 } });
      await row.locator(`.action-label[aria-label^="${title}"]`).click({ timeout: reach });
    });
  }

  /** Clicks an entry of a tree row's context menu, until that has led to `outcome`. */
  async clickRowMenu(view: string, name: string, title: string, outcome: Outcome): Promise<void> {
    await this.actUntil(`"${title}" of ${name}`, outcome, async () => {
      // Without its row, a command asks for one.
      if (await this.quickInput.isVisible()) await this.page.keyboard.press('Escape');
      await this.clickMenu(title, () => this.clickUncovered(this.treeRow(view, name), 'right'));
    });
  }

  /** Clicks an entry of the menu that `open` opens: it goes with what it was opened on. */
  async clickMenu(title: string, open: () => Promise<void>): Promise<void> {
    const entry = this.page.locator('.monaco-menu .action-menu-item', {
      has: this.page.locator('.action-label').filter(whole(title)),
    });
    await until(`"${title}" clicked`, async () => {
      if (await entry.isHidden()) await succeeds(open());
      const isOpen = await succeeds(entry.waitFor({ timeout: reach }));
      // It ignores clicks in its first 100 ms.
      await delay(200);
      return isOpen ? clickAway(entry) : this.page.keyboard.press('Escape');
    });
  }

  /** The text of a view that has nothing to show. */
  async welcomeText(): Promise<string> {
    return this.page.locator('.sidebar .welcome-view-content').first().innerText();
  }

  /** Waits for a notification that contains `text`. */
  async notification(text: string): Promise<Notification> {
    const shown = await this.findNotification(text);
    const notification = {
      message: await shown.locator('.notification-list-item-message').innerText(),
      buttons: await shown.locator('.monaco-button').allInnerTexts(),
    };
    // The list lies over what is below it.
    if (await this.notificationList.isVisible()) await this.runCommand('Notifications: Hide Notifications');
    return notification;
  }

  async answerNotification(text: string, answer: string): Promise<void> {
    const shown = await this.findNotification(text);
    // Another one with the same text may follow.
    const choice = await button(shown, answer).elementHandle();
    await until(`“${answer}” to “${text}”`, async () => {
      await succeeds(choice.click({ timeout: reach }));
      return succeeds(choice.waitForElementState('hidden', { timeout: reach }));
    });
  }

  /** Some go by themselves after 15 s, and are in the list of notifications from then on. */
  private async findNotification(text: string): Promise<Locator> {
    const shown = this.toast(text);
    if (!(await succeeds(shown.waitFor({ timeout: 15_000 }))))
      await this.runCommand('Notifications: Show Notifications');
    await shown.waitFor();
    return shown;
  }

  /** Waits until no notification contains `text`. */
  async notificationEnds(text: string): Promise<void> {
    await this.toast(text).waitFor({ state: 'hidden' });
  }

  /** Waits for the modal dialog; `timeout` in milliseconds, by default as for everything else. */
  async dialog(timeout?: number): Promise<ModalDialog> {
    await this.dialogBox.waitFor({ timeout });
    const detail = this.dialogBox.locator('.dialog-message-detail');
    return {
      message: await this.dialogBox.locator('.dialog-message-text').innerText(),
      detail: (await detail.count()) ? await detail.innerText() : '',
      buttons: await this.dialogBox.locator('.monaco-button').allInnerTexts(),
    };
  }

  /** Whether a dialog is open. */
  isAsking(): Promise<boolean> {
    return this.dialogBox.isVisible();
  }

  async answerDialog(answer: string): Promise<void> {
    // Another one may follow at once.
    const box = await this.dialogBox.elementHandle();
    await button(this.dialogBox, answer).click();
    await box.waitForElementState('hidden');
  }

  /** What a status-bar item shows, for example `pass 3/4` for `$(pass) 3/4`; `id` as its extension named it. */
  async statusBarItem(id: string): Promise<string> {
    const item = this.page.locator(`.part.statusbar .statusbar-item[id$="${id}"] .statusbar-item-label`);
    return item.evaluate(readStatusBarItem);
  }

  /** Waits until a status-bar item shows `text`. */
  async statusBarItemSays(id: string, text: RegExp): Promise<void> {
    await untilRead(
      `${text.source} in the status bar`,
      () => this.statusBarItem(id),
      (shown) => text.test(shown),
    );
  }

  /** The title of the editor in front, or nothing; newer versions of VS Code draw the ending of its name apart. */
  async editorTitle(): Promise<string> {
    const tab = this.page.locator('.editor-group-container.active .tab.active');
    return (await tab.locator('.label-name, .label-suffix').allInnerTexts()).join('');
  }

  /** Waits until the editor in front has this title. */
  async editorTitled(title: string | RegExp): Promise<void> {
    await untilRead(
      `the title ${title}`,
      () => this.editorTitle(),
      (shown) => (typeof title === 'string' ? shown === title : title.test(shown)),
    );
  }

  /** The lines that fit on the screen of the editor in front, or of the output in the panel. */
  async text(part: 'editor' | 'panel' = 'editor'): Promise<string> {
    const lines = this.page.locator(`.part.${part} .monaco-editor .view-line`);
    await lines.first().waitFor();
    return lines.evaluateAll(readViewLines);
  }

  /** The lines of the editor in front once `part` is among them. */
  textWith(part: string): Promise<string> {
    return untilRead(
      `“${part}” in the editor`,
      () => this.text(),
      (text) => text.includes(part),
    );
  }

  /** Waits until an entry of the Problems view, or the name of a file there, contains each of these texts. */
  async problems(...texts: string[]): Promise<void> {
    await this.runCommand('Problems: Focus on Problems View');
    const rows = this.page.locator('.markers-panel .monaco-list-row');
    await untilRead(
      texts.join(', '),
      () => rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label')!)),
      (labels) => texts.every((text) => labels.some((label) => label.includes(text))),
    );
  }

  /** Milliseconds that an extension took to activate, as VS Code measured it; it must be active. */
  async activationTime(extension: string): Promise<number> {
    await this.runCommand('Developer: Show Running Extensions');
    const list = this.page.locator('.runtime-extensions-editor');
    const row = list.locator('.extension', { hasText: extension });
    await list.hover();
    // The slowest come first, and only what fits is drawn.
    await until(`${extension} among the running extensions`, async () => {
      const found = await row.count();
      if (!found) await this.page.mouse.wheel(0, 200);
      return found;
    });
    const time = await row.locator('.activation-time').innerText();
    return Number(/\d+/.exec(time)?.[0]);
  }

  async setTheme(theme: keyof typeof themes): Promise<void> {
    const { title, marker } = themes[theme];
    const drawn = this.page.locator(`.monaco-workbench.${marker}`);
    await this.chooseFrom('Preferences: Color Theme', title, drawn);
  }

  /** What a user sees now, for people to look at: taken with `MUSTER_PICTURES` only, which takes a third longer. */
  async screenshot(name: string): Promise<void> {
    if (isPictured) await this.picture(name);
  }

  /** Writes `test-results/screenshots/NAME-VERSION.png`. */
  private async picture(name: string): Promise<void> {
    const folder = join('test-results', 'screenshots');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name}-${this.server.installation.version}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  /** For whoever reads why `failed` did: a picture, and on stderr the ends of the logs and the browser's errors. */
  async show(failed: string): Promise<void> {
    const name = `failed-${failed.replace(/[^\p{L}\p{N}]+/gu, '-').slice(-100)}`;
    await this.picture(name).catch(() => {});
    const log = await this.server.log();
    const errors = this.errors.slice(-20).map((error) => error.slice(0, 300));
    console.error([`✗ ${failed}: ${name}.png`, log, ...errors].join('\n'));
  }

  /** Kills what runs extensions, as a crash would. */
  async killExtensionHosts(): Promise<void> {
    await endExtensionHosts(this.server.process.pid, 'SIGKILL');
  }

  /** Does `work` while no extension can answer, as on a slow link. */
  async whileExtensionsStandStill(work: () => Promise<unknown>): Promise<void> {
    const hosts = await extensionHosts(this.server.process.pid);
    try {
      await Promise.all(hosts.map(standStill));
      await work();
    } finally {
      for (const pid of hosts) process.kill(pid, 'SIGCONT');
    }
  }

  /** One of each theme. */
  async screenshotInThemes(name: string): Promise<void> {
    if (isPictured) await this.inThemes(name, async () => {});
  }

  /** Does `check` in each theme, and takes a picture of it; the last one is the light one, which stays. */
  async inThemes(name: string, check: (isDark: boolean) => Promise<unknown>): Promise<void> {
    for (const theme of ['dark', 'highContrast', 'highContrastLight', 'light'] as const) {
      await this.setTheme(theme);
      await check(theme === 'dark' || theme === 'highContrast');
      await this.screenshot(`${name}-${theme}`);
    }
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  private get quickInputBox() {
    return this.quickInput.locator('.quick-input-box input');
  }

  get dialogBox(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  private pickRow(label: string) {
    const name = this.page.locator('.label-name').filter(whole(label));
    return this.quickInput.locator('.quick-input-list .monaco-list-row', { has: name }).first();
  }

  activityBarItem(title: string): Locator {
    return this.page.locator(`.activitybar .action-item:has(.action-label[aria-label^="${title}"])`);
  }

  private tree(view: string) {
    return this.page.locator(`.customview-tree .monaco-list[aria-label="${view}"]`);
  }

  private get notificationList() {
    return this.page.locator('.notifications-center');
  }

  private toast(text: string) {
    return this.page
      .locator('.notifications-toasts')
      .or(this.notificationList)
      .locator('.notification-list-item:visible', { hasText: text })
      .first();
  }
}
