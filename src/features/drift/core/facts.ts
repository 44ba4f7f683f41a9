import type { Fact } from './facts/fact';
import { files } from './facts/files';
import { java } from './facts/java';
import { libc } from './facts/libc';
import { limits } from './facts/limits';
import { mounts } from './facts/mounts';
import { node } from './facts/node';
import { os } from './facts/os';
import { packages } from './facts/packages';
import { python } from './facts/python';
import { services } from './facts/services';
import { sysctl } from './facts/sysctl';
import { time } from './facts/time';
import { users } from './facts/users';

/** In the order in which they are listed and shown. */
export const facts: readonly Fact[] = [
  ...[os, packages, python, libc, sysctl],
  ...[files, node, java, services, users, mounts, limits, time],
];
