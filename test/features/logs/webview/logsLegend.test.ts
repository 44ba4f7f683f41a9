import { describe, expect, it } from 'vitest';
import type { LegendSource } from '../../../../src/features/logs/protocol/logsPanel';
import { nextFrame } from '../../../shell/webview/layout';
import { legend, OpenLogs, wholeView, words } from './openLogs';

const entries = () => [...document.querySelectorAll<HTMLElement>('.legend .entry')];
const named = (name: string) => {
  const found = entries().find((entry) => entry.querySelector('.name')!.textContent === name);
  if (!found) throw new Error(`The legend has no ${name}`);
  return found;
};
const toggle = (name: string) => named(name).querySelector<HTMLElement>('.toggle')!;
const only = (name: string) => named(name).querySelector<HTMLElement>('.only')!;
const names = () => entries().map((entry) => entry.querySelector('.name')!.textContent);
const titles = () => [...document.querySelectorAll('.legend h2')].map((title) => title.textContent);
const changes = (logs: OpenLogs) =>
  logs.take('view').map(({ view: { hiddenHosts, hiddenSources } }) => ({ hiddenHosts, hiddenSources }));

const thousand: LegendSource[] = Array.from({ length: 1000 }, (_, index) => ({
  ...{ host: `web-${index}`, source: 'nginx', color: index % 6, tone: 'info', state: '' },
}));

describe('The legend', () => {
  it('has the hosts that failed first, the others by their numbers, then the sources', () => {
    new OpenLogs();
    expect(titles()).toEqual(['Hosts 3', 'Sources 2']);
    expect(names()).toEqual(['db-1', 'web-2', 'web-10', 'nginx', 'postgres']);
    expect(document.querySelector('.legend')!.getAttribute('aria-label')).toBe('Hosts and Sources');
  });

  it('has no sources where there is one', () => {
    new OpenLogs({}, {}, legend.slice(0, 2));
    expect(titles()).toEqual(['Hosts 2']);
  });

  it('tells by colour and in words how a host is, the worst of its sources by an icon', () => {
    new OpenLogs({}, {}, [
      legend[0]!,
      { ...legend[0]!, source: 'app', tone: 'warning', state: 'reconnecting' },
    ]);
    const button = toggle('web-2');
    expect(button.getAttribute('aria-label')).toBe('web-2, nginx: following\napp: reconnecting');
    expect(button.title).toBe('web-2\nnginx: following\napp: reconnecting');
    expect(button.querySelector('.swatch')!.className).toBe('swatch color-0');
    expect(button.querySelector('.codicon-sync')).not.toBeNull();
    expect(named('web-2').className).toBe('entry warning');
  });

  it('hides a host and shows it again', async () => {
    const logs = new OpenLogs();
    expect(toggle('web-2').getAttribute('role')).toBe('checkbox');
    expect(toggle('web-2').getAttribute('aria-checked')).toBe('true');
    toggle('web-2').click();
    expect(changes(logs)).toEqual([{ hiddenHosts: ['web-2'], hiddenSources: [] }]);
    logs.page.take({ type: 'view', view: { ...wholeView, hiddenHosts: ['web-2'] }, problems: {} });
    expect(toggle('web-2').getAttribute('aria-checked')).toBe('false');
    expect(named('web-2').classList.contains('off')).toBe(true);
    expect(toggle('web-2').querySelector('.codicon-eye-closed')).not.toBeNull();
    toggle('web-2').click();
    expect(changes(logs)).toEqual([{ hiddenHosts: [], hiddenSources: [] }]);
  });

  it('shows one host, or one source, alone', () => {
    const logs = new OpenLogs();
    expect(only('web-2').getAttribute('aria-label')).toBe('Only: web-2');
    only('web-2').click();
    expect(changes(logs)).toEqual([{ hiddenHosts: ['db-1', 'web-10'], hiddenSources: [] }]);
    only('postgres').click();
    expect(changes(logs)).toEqual([{ hiddenHosts: ['db-1', 'web-10'], hiddenSources: ['nginx'] }]);
  });

  it('shows all again, and offers it only while something is hidden', () => {
    const logs = new OpenLogs();
    const all = logs.find<HTMLElement>('.legend > .link');
    expect(all.hidden).toBe(true);
    const view = { ...wholeView, hiddenHosts: ['web-2'], hiddenSources: ['nginx'] };
    logs.page.take({ type: 'view', view, problems: {} });
    expect(all.hidden).toBe(false);
    expect(all.textContent).toBe(words.showAll);
    all.click();
    expect(changes(logs)).toEqual([{ hiddenHosts: [], hiddenSources: [] }]);
  });

  it('has only the hosts in sight of a thousand as elements, and each says its place', async () => {
    const logs = new OpenLogs({}, {}, thousand);
    const list = logs.find('.entries');
    expect(names()).toHaveLength(19);
    expect(names()[0]).toBe('web-0');
    list.scrollTop = 22 * 500;
    await nextFrame();
    await nextFrame();
    expect(names()).toContain('web-499');
    expect(names()).toHaveLength(20);
    const place = named('web-499');
    expect([place.getAttribute('aria-posinset'), place.getAttribute('aria-setsize')]).toEqual([
      '500',
      '1000',
    ]);
    expect(place.style.top).toBe(`${22 * 500}px`);
  });

  it('finds hosts by name or by what is wrong with them, where there are many', () => {
    const sources = [...thousand.slice(0, 20), { ...legend[2]!, source: 'nginx' }];
    const logs = new OpenLogs({}, {}, sources);
    const search = logs.find<HTMLElement & { value: string; label: string }>('.filter-hosts');
    expect(search.label).toBe(words.filterHosts);
    const find = (text: string) => {
      search.value = text;
      search.dispatchEvent(new Event('input'));
      return names();
    };
    expect(find('WEB-1')).toEqual(['web-1', ...Array.from({ length: 10 }, (_, index) => `web-1${index}`)]);
    expect(find('denied')).toEqual(['db-1']);
    expect(find('nothing')).toEqual([]);
    expect(titles()).toEqual([]);
  });

  it('has no search for a few hosts', () => {
    const logs = new OpenLogs();
    expect(logs.find('.filter-hosts').hidden).toBe(true);
  });

  it('is one stop of Tab, within which arrow keys move', async () => {
    const logs = new OpenLogs({}, {}, thousand);
    const stops = () =>
      [...document.querySelectorAll<HTMLElement>('.entries button')].filter(({ tabIndex }) => tabIndex === 0);
    expect(stops()).toEqual([toggle('web-0'), only('web-0')]);
    toggle('web-0').focus();
    const press = async (key: string) => {
      const event = logs.type(document.activeElement as HTMLElement, key);
      await nextFrame();
      await nextFrame();
      expect(event.defaultPrevented).toBe(true);
      return document.activeElement;
    };
    expect(await press('ArrowDown')).toBe(toggle('web-1'));
    expect(await press('PageDown')).toBe(toggle('web-11'));
    expect(stops()).toEqual([toggle('web-11'), only('web-11')]);
    expect(await press('ArrowUp')).toBe(toggle('web-10'));
    expect(await press('End')).toBe(toggle('web-999'));
    expect(await press('ArrowDown')).toBe(toggle('web-999'));
    expect(await press('Home')).toBe(toggle('web-0'));
  });

  it('keeps the focus on its host while it is drawn again', () => {
    const logs = new OpenLogs();
    toggle('web-10').focus();
    const failed = legend.map((source) => ({ ...source, tone: 'error' as const }));
    logs.page.take({ type: 'legend', legend: failed });
    expect(document.activeElement).toBe(toggle('web-10'));
    only('web-10').focus();
    logs.page.take({ type: 'view', view: { ...wholeView, hiddenHosts: ['web-2'] }, problems: {} });
    expect(document.activeElement).toBe(only('web-10'));
  });

  it('is there only when the look has it', () => {
    const logs = new OpenLogs({}, { hasLegend: false });
    expect(logs.find('.legend').hidden).toBe(true);
  });
});
