import { commandSecrets } from './commandSecrets';
import { namedSecrets } from './namedSecrets';
import { keyKind } from './secretNames';
import { type Finder, hidden, type Span, withoutSpans } from './spans';
import { tokenForms } from './tokenForms';
import { parameters, userInfo } from './urlSecrets';

const finders: readonly Finder[] = [userInfo, parameters, namedSecrets, ...commandSecrets, ...tokenForms];

/** Without any of these a text holds nothing that a finder finds, and most texts have none. */
const suspicious =
  /[:=_]|(?:^|\s)-|\w-|bearer|basic|negotiate|AKIA|ASIA|AIza|eyJ|hv[sbr]\.|SG\.|ya29|dapi|slack|discord/i;

/**
 * The text without what logs somebody in: users and passwords in URLs, values of headers, parameters, variables and
 * keys that are named after secrets, options of commands, tokens of well-known forms and private keys. Whatever is
 * shown, kept, logged or reported passes here once; what a host printed does not, as it is what was asked for. Best
 * effort: a secret without a name or a form is found only by who knows it (`Redactor`).
 */
export function withoutCredentials(text: string): string {
  if (!suspicious.test(text)) return text;
  const spans: Span[] = [];
  for (const find of finders) for (const span of find(text)) spans.push(span);
  return withoutSpans(text, spans);
}

/** The same for every text in a value, and for what a key says is a secret. */
export function valueWithoutCredentials<Value>(value: Value): Value {
  if (typeof value === 'string') return withoutCredentials(value) as Value;
  if (Array.isArray(value)) return value.map(valueWithoutCredentials) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      typeof one === 'string' && keyKind(key) ? hidden : valueWithoutCredentials(one),
    ]),
  ) as Value;
}
