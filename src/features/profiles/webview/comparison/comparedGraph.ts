import type { BoxModel } from '../../protocol/profileComparison';
import { element } from '../../../../shell/webview/element';

const rowHeight = 20;

/** The two profiles as one flame graph. What it shows is in the table, too, which keyboards and screen readers use. */
export class ComparedGraph {
  readonly root = element('div', { class: 'graph' });
  private readonly canvas = element('canvas', { role: 'img' });
  private readonly tip = element('div', { class: 'tip', hidden: '' });
  private boxes: readonly BoxModel[] = [];

  constructor(
    private readonly chosen: (box: BoxModel) => void,
    private readonly opened: (box: BoxModel) => void,
  ) {
    this.root.append(this.canvas, this.tip);
    this.canvas.addEventListener('mousemove', (event) => this.point(event));
    this.canvas.addEventListener('mouseleave', () => (this.tip.hidden = true));
    this.canvas.addEventListener('click', (event) => {
      const box = this.boxAt(event);
      if (!box) return;
      if (event.ctrlKey || event.metaKey) this.opened(box);
      else this.chosen(box);
    });
    new ResizeObserver(() => this.draw()).observe(this.root);
    // The colours are those of the theme.
    new MutationObserver(() => this.draw()).observe(document.body, {
      attributes: true,
      attributeFilter: ['class'],
    });
  }

  show(boxes: readonly BoxModel[], label: string): void {
    this.boxes = boxes;
    this.canvas.setAttribute('aria-label', label);
    this.draw();
  }

  private draw(): void {
    const { canvas, boxes } = this;
    const width = this.root.clientWidth;
    if (width === 0) return;
    const depth = boxes.reduce((most, box) => Math.max(most, box.depth), 0) + 1;
    const scale = devicePixelRatio;
    canvas.width = width * scale;
    canvas.height = depth * rowHeight * scale;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${depth * rowHeight}px`;
    const context = canvas.getContext('2d')!;
    const style = getComputedStyle(document.body);
    const colour = (name: string, otherwise = '') => style.getPropertyValue(name).trim() || otherwise;
    // These the legend has, too: they are in the style sheet.
    const grows = colour('--growing-call');
    const shrinks = colour('--shrinking-call');
    const plain = colour('--plain-call');
    const most = Number(colour('--most-colour'));
    const line = colour('--vscode-contrastBorder', colour('--vscode-editor-background', '#000'));
    const text = colour('--vscode-editor-foreground', '#888');
    context.scale(scale, scale);
    context.font = `${style.fontSize} ${style.fontFamily}`;
    context.textBaseline = 'middle';
    for (const box of boxes) {
      const [x, y, wide] = [box.left * width, box.depth * rowHeight, box.width * width];
      context.fillStyle = plain;
      context.fillRect(x, y, wide, rowHeight);
      context.globalAlpha = Math.min(most, Math.abs(box.change) * most);
      context.fillStyle = box.change > 0 ? grows : shrinks;
      context.fillRect(x, y, wide, rowHeight);
      context.globalAlpha = 1;
      context.strokeStyle = line;
      context.strokeRect(x + 0.5, y + 0.5, wide, rowHeight);
      if (wide < 30) continue;
      context.save();
      context.beginPath();
      context.rect(x + 2, y, wide - 4, rowHeight);
      context.clip();
      context.fillStyle = text;
      context.fillText(box.label, x + 4, y + rowHeight / 2);
      context.restore();
    }
  }

  private boxAt({ offsetX, offsetY }: MouseEvent): BoxModel | undefined {
    const depth = Math.floor(offsetY / rowHeight);
    const at = offsetX / this.root.clientWidth;
    return this.boxes.find((box) => box.depth === depth && at >= box.left && at < box.left + box.width);
  }

  private point(event: MouseEvent): void {
    const box = this.boxAt(event);
    this.tip.hidden = !box;
    this.canvas.style.cursor = box ? 'pointer' : 'default';
    if (!box) return;
    this.tip.textContent = box.detail;
    const left = Math.min(event.offsetX + 12, this.root.clientWidth - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.offsetY + 16}px`;
  }
}
