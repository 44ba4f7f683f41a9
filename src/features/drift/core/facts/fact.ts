/** A kind of thing to compare between hosts. What it is, is data; what asks for it and reads the answer knows no fact. */
export interface Fact {
  readonly name: string;
  /** A text that is translated where it is shown. */
  readonly description: string;
  /** What a host needs for it. */
  readonly needs: string;
  /** Asked for where nothing is chosen. */
  readonly isDefault?: true;
  /** What may be written after its name and `=`: how that is called, and whether it must be there. */
  readonly operand?: { readonly name: string; readonly isRequired: boolean };
  /**
   * POSIX shell that finds it out: the body of a function, in which `$1` is the operand. It writes a line for each entry
   * with the functions of `factScript.ts`, reads no standard input, and nobody hears its standard error.
   */
  readonly script: (operand: string) => string;
  /** The entry that a line of the form `l` stands for; undefined leaves it out. */
  readonly readLine?: (line: string) => readonly [name: string, value: string] | undefined;
  /** Several values of one name have no order. */
  readonly isSet?: true;
}
