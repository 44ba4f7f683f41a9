import { type CommandContribution, type Contribution, menus, type SettingContribution } from './contribution';

const icon = 'media/muster.svg';

/**
 * The `contributes` of package.json.
 * @param settingGroups in the order of the settings editor
 */
export function contributesOf(contributions: readonly Contribution[], settingGroups: readonly string[]) {
  const views = entriesOf(contributions, ({ views }) => views);
  const commands = entriesOf(contributions, ({ commands }) => commands);
  const groups = entriesOf(contributions, ({ settings }) => settings);
  return {
    viewsContainers: { activitybar: [{ id: 'muster', title: 'Muster', icon }] },
    views: {
      muster: views.map(([id, { welcomes: _, ...view }]) => ({
        id,
        name: textOf('view', id),
        contextualTitle: 'Muster',
        ...view,
        icon: iconOf(view.icon),
      })),
    },
    viewsWelcome: views.flatMap(([view, { welcomes = [] }]) =>
      welcomes.map(({ text, when }) => ({ view, contents: `%welcome.${text}%`, when })),
    ),
    commands: contributions.flatMap(({ category = 'Muster', commands = {} }) =>
      Object.entries(commands).map(([id, command]) => ({
        command: id,
        title: textOf('command', id),
        category: command.category ?? category,
        icon: command.icon && iconOf(command.icon),
        enablement: command.enablement,
      })),
    ),
    menus: {
      commandPalette: commands.flatMap(([command, { palette }]) =>
        palette === undefined ? [] : [{ command, when: String(palette) }],
      ),
      ...Object.fromEntries(menus.map((menu) => [menu, commands.flatMap(itemsIn(menu))])),
    },
    keybindings: commands.flatMap(([command, { keybinding }]) =>
      keybinding ? [{ command, ...keybinding }] : [],
    ),
    configuration: settingGroups.map((group) => ({
      title: `%settings.${group}%`,
      properties: Object.fromEntries(
        groups
          .filter(([name]) => name === group)
          .flatMap(([, settings]) => Object.entries(settings))
          .map(([key, setting]) => [key, describe(key, setting)]),
      ),
    })),
    walkthroughs: [
      {
        id: 'start',
        title: '%walkthrough.title%',
        description: '%walkthrough.description%',
        steps: entriesOf(contributions, ({ walkthrough }) => walkthrough).map(stepOf),
      },
    ],
    ...othersOf(contributions),
  };
}

function entriesOf<Value>(
  contributions: readonly Contribution[],
  part: (contribution: Contribution) => Readonly<Record<string, Value>> | undefined,
): [string, Value][] {
  return contributions.flatMap((contribution) => Object.entries(part(contribution) ?? {}));
}

/** The key of a text in package.nls.json. */
const textOf = (kind: string, id: string) => `%${kind}.${id.replace('muster.', '')}%`;

const iconOf = (icon: string) => (icon.includes('/') ? icon : `$(${icon})`);

const itemsIn =
  (menu: (typeof menus)[number]) =>
  ([command, { menus = {} }]: [string, CommandContribution]) =>
    Object.entries(menus[menu] ?? {}).map(([group, when]) => ({ command, when, group }));

function describe(key: string, setting: SettingContribution) {
  return {
    ...setting,
    enumDescriptions: setting.enum?.map((value) => textOf('setting', `${key}.${value}`)),
    markdownDescription: textOf('setting', key),
  };
}

function stepOf([id, commands]: [string, readonly string[]]) {
  const picture = (theme: string) => `media/walkthrough/${id}-${theme}.png`;
  return {
    id,
    title: `%walkthrough.${id}.title%`,
    description: `%walkthrough.${id}.description%`,
    media: {
      image: {
        light: picture('light'),
        dark: picture('dark'),
        hc: picture('highContrast'),
        hcLight: picture('highContrastLight'),
      },
      altText: `%walkthrough.${id}.picture%`,
    },
    completionEvents: commands.map((command) => `onCommand:${command}`),
  };
}

function othersOf(contributions: readonly Contribution[]) {
  const points = entriesOf(contributions, ({ others }) => others);
  return Object.fromEntries(
    points.map(([point, value]) => [
      point,
      Array.isArray(value)
        ? points.filter(([name]) => name === point).flatMap(([, one]) => one as object[])
        : value,
    ]),
  );
}
