/** What stays the same is left alone: a status that is set again is read aloud, even when it says the same. */
export function setText(target: Element, text: string): void {
  if (target.childElementCount > 0 || target.textContent !== text) target.textContent = text;
}
