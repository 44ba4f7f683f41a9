import { type Line, parse, type Section } from 'ssh-config';

export type Directive = Extract<Line, { param: string }>;

/** A parsed ssh_config file in which the blocks of a host are found without going through all of them. */
export class SshConfigFile {
  /** Lines that may concern any host, with their places. */
  private readonly general: Placed[] = [];
  /** `Host` blocks by the names that they list. */
  private readonly byName = new Map<string, Placed[]>();

  /** @throws Error where the text is no ssh_config */
  constructor(text: string) {
    for (const [place, line] of parse(text).entries()) {
      if (!('param' in line)) continue;
      const names = line.param.toLowerCase() === 'host' ? wordsOf(line) : undefined;
      if (!names || names.some((name) => /[*?!]/.test(name))) this.general.push({ place, line });
      else for (const name of new Set(names)) this.blocksOf(name).push({ place, line });
    }
  }

  /** What may concern a host, in the order of the file: patterns are still to be compared. */
  directivesFor(alias: string): Directive[] {
    const named = this.byName.get(alias) ?? [];
    return [...this.general, ...named].sort((a, b) => a.place - b.place).map(({ line }) => line);
  }

  private blocksOf(name: string): Placed[] {
    let blocks = this.byName.get(name);
    if (!blocks) this.byName.set(name, (blocks = []));
    return blocks;
  }
}

interface Placed {
  place: number;
  line: Directive;
}

/** The directives in a `Host` or `Match` block. */
export function directivesIn(block: Directive): Directive[] {
  return (block as Section).config.filter((line): line is Directive => 'param' in line);
}

/** The arguments of a directive, without their quotes. */
export function wordsOf({ value }: Directive): string[] {
  return typeof value === 'string' ? [value] : value.map(({ val }) => val);
}
