/** What the page of a webview asks of the editor. One record of requests types both ends. */

/** What goes along with a request, and what is answered under its name: `void` for nothing. */
export interface Request {
  args: object;
  result: object | void;
}

/** Requests by name. */
export type Requests<R> = { [Name in keyof R]: Request };

/** The args of a request that has none. */
export type NoArgs = Record<never, never>;

/** What a page posts. */
export type RequestMessage<R extends Requests<R>> = {
  [Name in keyof R]: { type: Name } & R[Name]['args'];
}[keyof R];

/** What the editor posts in answer. */
export type AnswerMessage<R extends Requests<R>> = {
  [Name in keyof R]: R[Name]['result'] extends void
    ? never
    : { type: Name } & Exclude<R[Name]['result'], undefined>;
}[keyof R];

/** What answers the requests. One that is missing does not compile; `undefined` is not posted. */
export type Handlers<R extends Requests<R>> = {
  readonly [Name in keyof R]: (args: R[Name]['args']) => R[Name]['result'] | Promise<R[Name]['result']>;
};
