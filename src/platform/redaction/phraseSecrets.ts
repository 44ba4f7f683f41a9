import { each, type Finder, matches } from './spans';

/** Settings of configuration files whose values follow a blank, whatever comes after them. */
const setting =
  /(?<![\w.-])(?:requirepass|masterauth|bindpw|rootpw|auth_pass|storepass|keypass)[ \t]{1,8}["']?([^\s"'“”`;,]+)/gi;
/** The same where the word is one of every sentence: of `~/.netrc`, or one that is not a plain word. */
const netrc = /\blogin[ \t]{1,8}\S{1,100}\s{1,8}password[ \t]{1,8}(\S+)/gi;
const password = /(?<![\w.-])password[ \t]{1,8}([^\s"'“”`:=;,]+)/gi;

const statement =
  /\b(?:identified[ \t]{1,8}(?:with[ \t]{1,8}\S{1,64}[ \t]{1,8})?(?:by|as)(?:[ \t]{1,8}password)?|password)(?:[ \t]{1,8}|\()(?:'([^'\r\n]+)|"([^"\r\n]+))/gi;

/** `A temporary password is generated for root@localhost: …`, `Your new password is: …`. */
const sentence =
  /\bpass(?:word|phrase|code)((?:[ \t]{1,4}[^\s:]{1,64}){1,8})[ \t]{0,4}:[ \t]{1,4}["'“]?([^\s"'“”`]+)(?=[ \t]{0,8}(?:$|[\r\n"'”]))/gi;

/** Has a digit, a symbol or a capital within, as what a generator makes and no plain word has. */
const isMixed = (word: string) => word.length >= 5 && /\d|[a-z][A-Z]|[^\p{L}.)\]-]/u.test(word);
const isPlaceholder = (word: string) =>
  /^(?:\$|\{|<|%|[a-z]{1,3}$|(?:missing|unset|required|wrong)\b)/.test(word);

/** Secrets that a word and a blank, a statement or a sentence announces. */
export const phraseSecrets: readonly Finder[] = [
  function* (text) {
    for (const match of each(setting, text)) {
      const [whole, value] = match;
      const end = match.index + whole.length;
      const isSentence = !isMixed(value!) && /^[ \t]+[a-z]/i.test(text.slice(end, end + 3));
      if (!isSentence && !isPlaceholder(value!)) yield [end - value!.length, end];
    }
  },
  matches(netrc),
  function* (text) {
    for (const { index, 0: whole, 1: value } of each(password, text))
      if (isMixed(value!) && !isPlaceholder(value!))
        yield [index + whole.length - value!.length, index + whole.length];
  },
  function* (text) {
    for (const { index, 0: whole, 1: single, 2: double } of each(statement, text))
      yield [index + whole.length - (single ?? double!).length, index + whole.length];
  },
  function* (text) {
    for (const { index, 0: whole, 1: between, 2: value } of each(sentence, text))
      if ((isMixed(value!) || /\b(?:is|to)$/i.test(between!)) && !isPlaceholder(value!))
        yield [index + whole.length - value!.length, index + whole.length];
  },
];
