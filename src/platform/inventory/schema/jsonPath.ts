import { jsonpath, type JSONValue } from 'json-p3';
import { z } from 'zod';
import { t } from '../../l10n/l10n';

/** A JSONPath (RFC 9535) that was compiled. */
export interface CompiledPath {
  readonly path: string;
  /** @throws Error for a path that cannot be followed in this document */
  readonly select: (document: JSONValue) => JSONValue[];
}

/** JSONPaths, made when the first is compiled: few entries have one. */
let paths: jsonpath.JSONPathEnvironment | undefined;

function environmentOfPaths(): jsonpath.JSONPathEnvironment {
  const environment = new jsonpath.JSONPathEnvironment();
  // RFC 9535's match() and search() run on the engine's backtracking expressions; the documents are hostile.
  for (const backtracking of ['match', 'search']) environment.functionRegister.delete(backtracking);
  return environment;
}

/** @throws Error with what is wrong with the path */
export function compilePath(path: string): CompiledPath {
  const query = (paths ??= environmentOfPaths()).compile(path);
  return { path, select: (document) => query.query(document).values() };
}

/** Compiled at load. */
export const jsonPathSchema = z.string().transform((path, context): CompiledPath => {
  try {
    return compilePath(path);
  } catch (error) {
    context.addIssue({ code: 'custom', message: t('no JSONPath (RFC 9535): {0}', (error as Error).message) });
    return z.NEVER;
  }
});
