import type { Colors } from './outputStream';

const palette = [
  'cyan',
  'green',
  'magenta',
  'yellow',
  'blue',
  'cyanBright',
  'greenBright',
  'magentaBright',
] as const;

/** Gives each host a colour of its own, as far as there are colours. */
export class HostPainter {
  private readonly hues = new Map<string, (typeof palette)[number]>();

  constructor(private readonly colors: Colors) {}

  paint(host: string, text = host): string {
    let hue = this.hues.get(host);
    if (hue === undefined) {
      hue = palette[this.hues.size % palette.length]!;
      this.hues.set(host, hue);
    }
    return this.colors[hue](text);
  }
}
