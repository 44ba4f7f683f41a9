/** A clause that VS Code asks before it shows or enables something. */
export type When = string;

export const all = (...clauses: readonly When[]): When => clauses.join(' && ');

/** In parentheses, so that it may be a part of `all`. */
export const any = (...clauses: readonly When[]): When => `(${clauses.join(' || ')})`;

export const not = (clause: When): When => (clause.includes(' ') ? `!(${clause})` : `!${clause}`);

export const matches = (key: string, value: string | RegExp): When =>
  typeof value === 'string' ? `${key} == ${value}` : `${key} =~ ${String(value)}`;

/** Any of these words. */
export const oneOf = (...words: readonly string[]): RegExp => new RegExp(`^(${words.join('|')})$`);

export const inView = (view: string): When => matches('view', view);

/** On the rows of a view that have this `contextValue`. */
export const onRow = (view: string, kind: string | RegExp): When =>
  all(inView(view), matches('viewItem', kind));

export const isTrusted: When = 'isWorkspaceTrusted';
