/** A clause that VS Code asks before it shows or enables something. */
export type When = string;

/** Each clause is one that binds closer than `&&`. */
export const all = (...clauses: readonly When[]): When => clauses.join(' && ');

export const not = (key: When): When => `!${key}`;

export const inView = (view: string): When => `view == ${view}`;

/** On the rows of a view whose `contextValue` is `kind`, or matches it. */
export const onRow = (view: string, kind: string | RegExp): When =>
  all(inView(view), matches('viewItem', kind));

export const matches = (key: string, value: string | RegExp): When =>
  typeof value === 'string' ? `${key} == ${value}` : `${key} =~ ${String(value)}`;

export const isTrusted: When = 'isWorkspaceTrusted';
