/** Names that complete command lines: a part of its own. */
import { carriedOut } from '../carriedOut';
import { type NamesOptions, printNames } from './names';

export const names = carriedOut<NamesOptions>(printNames);
