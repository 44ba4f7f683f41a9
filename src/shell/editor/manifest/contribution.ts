import type { When } from './whenClauses';

/** What the palette shows before the title of a command. */
export type Category = 'Muster' | 'Muster Config' | 'Muster Logs' | 'Muster Profiles' | 'Muster Runs';

/** Of those of VS Code, the ones that Muster adds commands to. */
export const menus = [
  'view/title',
  'view/item/context',
  'editor/context',
  'explorer/context',
  'terminal/context',
  'terminal/title/context',
  'editor/title/context',
  'editor/title',
  'webview/context',
] as const;

interface Button {
  /** A codicon. */
  readonly icon?: string;
  /** That of the feature, where a command says no other. */
  readonly category?: Category;
  readonly enablement?: When;
  /** When a menu shows the command, by the group with the place in it: `1_open@2`. */
  readonly menus?: { readonly [Menu in (typeof menus)[number]]?: Readonly<Record<string, When>> };
  readonly keybinding?: { readonly key: string; readonly when: When };
}

/** A command whose title is `%command.<name>%`. */
export interface CommandContribution extends Button {
  /** When the palette offers it, which is always where this is missing. */
  readonly palette?: When | false;
}

/** The palette gives no arguments: it offers all commands that need none, and only those. */
type InPalette<Arguments> = [] extends Arguments ? { readonly palette?: When } : { readonly palette: false };

/** A command with what it takes, which is for the types only. */
interface Taking<Arguments extends readonly unknown[]> extends CommandContribution {
  readonly takes?: Arguments;
}

/**
 * A command, with what it takes where Muster runs it. What comes from elsewhere (menus, key bindings, links, other
 * extensions) may be anything: what carries a command out looks at it first.
 */
export function command<Arguments extends readonly unknown[] = []>(
  contributed: Button & InPalette<Arguments>,
): Taking<Arguments> {
  return contributed;
}

/** What each command of a table takes. */
export type ArgumentsIn<Commands> = {
  readonly [Id in keyof Commands]: Commands[Id] extends Taking<infer Arguments> ? Arguments : never;
};

/** The row of a menu, and all that are selected. */
export type Rows<Node> = [row: Node, selected?: readonly Node[]];

/** A view named `%view.<name>%`. */
export interface ViewContribution {
  /** A codicon, or the path of a picture. */
  readonly icon: string;
  /** Its share of the side bar. */
  readonly size: number;
  readonly when?: When;
  readonly visibility?: 'collapsed';
  /** What is shown while it is empty: texts `%welcome.<text>%`. */
  readonly welcomes?: readonly { readonly text: string; readonly when?: When }[];
}

/** A setting as a JSON schema, described by `%setting.<name>%` and its `enum` by `%setting.<name>.<value>%`. */
export interface SettingContribution {
  readonly scope: 'window' | 'resource';
  /** The place in its group. */
  readonly order: number;
  readonly enum?: readonly string[];
  readonly [keyword: string]: unknown;
}

/** What settings have in common whose text is a duration or empty. */
export const duration = {
  type: 'string',
  pattern: '^(\\d+(\\.\\d{1,3})?(ms|s|m|h|d))?$',
  patternErrorMessage: '%setting.timeout.pattern%',
} as const;

/** The files that a custom editor opens. */
export const filesNamed = (...patterns: readonly string[]) =>
  patterns.map((filenamePattern) => ({ filenamePattern }));

/** What a feature has in the `contributes` of package.json, where `npm run contributions` writes it. */
export interface Contribution {
  /** That of its commands. */
  readonly category?: Category;
  readonly commands?: Readonly<Record<string, CommandContribution>>;
  /** Those that it sets for `when` clauses. */
  readonly contextKeys?: Readonly<Record<string, string>>;
  readonly views?: Readonly<Record<string, ViewContribution>>;
  /** By the group that shows them in the settings editor. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, SettingContribution>>>>;
  /** The commands that complete a step of the walkthrough, by the id of the step. */
  readonly walkthrough?: Readonly<Record<string, readonly string[]>>;
  /** What few features have, as package.json has it. */
  readonly others?: Readonly<Record<string, readonly object[] | Readonly<Record<string, readonly object[]>>>>;
}
