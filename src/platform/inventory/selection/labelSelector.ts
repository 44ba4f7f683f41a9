import { parseSelector } from './selectorSyntax';

/** What may stand in a value as it is, in a selector and in a line of several. */
const special = /[^\p{L}\p{N}_./:@%+~-]/gu;

/**
 * A selector of the hosts whose label has this value. Selectors cannot be quoted: what would mean something in them
 * stands as `?`, any one character, so it may select more. Undefined where there is none.
 */
export function labelSelector(label: string, value: string): string | undefined {
  const selector = `${label}=${value.replace(special, (character) => '?'.repeat(character.length))}`;
  try {
    const [term, ...others] = parseSelector(selector);
    const isMeant =
      others.length === 0 &&
      term?.kind === 'label' &&
      term.label === label &&
      term.equal &&
      term.values.length === 1 &&
      term.values[0]!.matches(value);
    return isMeant ? selector : undefined;
  } catch {
    return undefined;
  }
}
