import type { FlameGraphWish, FromFlameGraph, ShownFrame, ToFlameGraph } from '../../protocol/flameGraph';
import { showNote } from './note';
import {
  appears,
  chosenView,
  drop,
  isDrawn,
  isPlace,
  isTyping,
  pointedFrame,
  press,
  reveal,
  rowFrame,
  selectedStack,
  shownProfile,
} from './speedscope';
import { followTheme } from './theme';

/** What outlives the page. */
interface State {
  view: string;
  wish: FlameGraphWish;
  /** Which profile of the file, such as the type of values. */
  profile?: number;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromFlameGraph): void;
  getState(): State | undefined;
  setState(state: State): void;
};

type Profile = Extract<ToFlameGraph, { type: 'profile' }>;

// Runs before speedscope, which finds here what it expects of a browser.
const api = acquireVsCodeApi();
let state: State = api.getState() ?? { view: 'left-heavy', wish: {} };
let shown: Profile | undefined;
/** What was chosen last in the table of the sandwich, until another view is. */
let chosenRow: ShownFrame | undefined;
location.hash = `view=${state.view}`;
followTheme();
window.alert = (message?: unknown) => api.postMessage({ type: 'failed', message: String(message) });
forwardFailures();

window.addEventListener('message', ({ data }: MessageEvent<ToFlameGraph>) => {
  if (data.type === 'profile') void draw(data);
  else if (data.type === 'reveal') void appears(isDrawn).then(() => reveal(data.frame));
  else if (data.type === 'openSelected') openSelected();
  else if (data.type === 'expandSelected') expandSelected();
  else {
    delete document.body.dataset['drawn'];
    showNote(data.message, 'alert', []);
  }
});
document.addEventListener('click', keepDownload, true);
document.addEventListener('click', openPointed, true);
document.addEventListener('click', keepState);
document.addEventListener('mouseover', ({ target }) => {
  if (isPlace(target)) Object.assign(target.style, { cursor: 'pointer', textDecoration: 'underline' });
});
window.addEventListener('keypress', keepState);
window.addEventListener('partsloaded', () => ask('ready', state.wish));

function ask(type: 'ready' | 'draw', wish: FlameGraphWish): void {
  const width = Math.ceil(document.documentElement.clientWidth * devicePixelRatio) || 2000;
  api.postMessage({ type, wish, width });
}

async function draw(profile: Profile): Promise<void> {
  const { profile: index } = state;
  shown = profile;
  remember({ wish: profile.wish });
  document.body.dataset['drawn'] = '';
  noteOf(profile);
  location.hash = `view=${state.view}`;
  drop(new File([new Uint8Array(profile.bytes)], profile.name));
  await appears(isDrawn);
  const first = shownProfile();
  if (index === undefined || first === undefined) return;
  for (let at = first; at !== index; at += Math.sign(index - at)) press(index > at ? 'n' : 'p');
}

function noteOf({ note, actions, closeLabel }: Profile): void {
  const buttons = actions.map(({ label, wish }) => ({ label, press: () => ask('draw', wish) }));
  showNote(note, 'status', buttons, closeLabel);
}

/** A page of the editor cannot download: what would be is handed over. */
function keepDownload(event: Event): void {
  const link = event.target;
  if (!(link instanceof HTMLAnchorElement) || link.download === '') return;
  event.preventDefault();
  const name = link.download;
  void fetch(link.href)
    .then((response) => response.text())
    .then((text) => api.postMessage({ type: 'export', name, text }));
}

/** Ctrl+click or Cmd+click on a frame, and a click on its place, go to the source; with Alt, beside. */
function openPointed(event: MouseEvent): void {
  if (!isPlace(event.target) && !event.ctrlKey && !event.metaKey) return;
  const frame = pointedFrame(event.target);
  if (!frame || frame.name === shown?.foldedName) return;
  event.preventDefault();
  event.stopPropagation();
  open(frame, event.altKey);
}

function openSelected(): void {
  const chosen = selectedStack()[0] ?? chosenRow;
  if (chosen) open(chosen, false);
  else api.postMessage({ type: 'nothingSelected', wanted: 'frame' });
}

function open(frame: ShownFrame, beside: boolean): void {
  api.postMessage({ type: 'open', frame, beside });
}

/** Draws what the selected frame stands for, or calls. */
function expandSelected(): void {
  const stack = selectedStack();
  if (stack[0]?.name === shown?.foldedName) stack.shift();
  if (stack.length === 0) return api.postMessage({ type: 'nothingSelected', wanted: 'folded' });
  const { label } = state.wish;
  ask('draw', { below: stack.reverse(), ...(label && { label }) });
}

/** What was chosen is chosen again when the page comes back, and what was selected may be shown at length. */
function keepState(event: Event): void {
  if (isTyping(event)) return;
  const view = chosenView(event);
  if (view) {
    remember({ view });
    chosenRow = undefined;
  } else if (event instanceof MouseEvent) chosenRow = rowFrame(event.target) ?? chosenRow;
  if (view === 'time-ordered' && shown?.offersTime) return ask('draw', { inTime: true });
  // speedscope draws in the next frame.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const profile = shownProfile();
      if (profile !== undefined) remember({ profile });
      offerExpansion();
    }),
  );
}

function offerExpansion(): void {
  if (!shown || selectedStack()[0]?.name !== shown.foldedName) return;
  const { note, expandLabel, closeLabel } = shown;
  showNote(note, 'status', [{ label: expandLabel, press: expandSelected }], closeLabel);
}

function remember(change: Partial<State>): void {
  state = { ...state, ...change };
  api.setState(state);
}

/** What speedscope cannot read it tells the console only. */
function forwardFailures(): void {
  const log = console.log.bind(console);
  console.log = (...said: unknown[]) => {
    log(...said);
    if (said[0] === 'Failed to load format')
      api.postMessage({
        type: 'failed',
        message: said[1] instanceof Error ? said[1].message : String(said[1]),
      });
  };
}
