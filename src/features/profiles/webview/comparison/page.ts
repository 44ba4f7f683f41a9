import type { ToComparison } from '../../protocol/profileComparison';
import { ComparisonPage, type EditorApi } from './comparisonPage';

declare function acquireVsCodeApi(): EditorApi;

const page = new ComparisonPage(acquireVsCodeApi());
document.body.append(...page.parts);
window.addEventListener('message', ({ data }: MessageEvent<ToComparison>) => page.take(data));
page.begin();
