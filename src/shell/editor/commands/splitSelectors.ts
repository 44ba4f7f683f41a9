/**
 * The selectors in a line, separated by spaces as in a shell; the spaces that belong to one
 * (`role in (web, db)`, `role=web, env=prod`) do not separate.
 */
export function splitSelectors(line: string): string[] {
  return (
    line
      .match(/(?:\s*,\s*|\s+in\s*(?=\()|\([^)]*\)|\[[^\]]*\]|[^\s,([]+|[([])+/g)
      ?.map((text) => text.trim()) ?? []
  );
}
