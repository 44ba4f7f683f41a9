/** The options of each command as they are parsed. */
export interface InventoryFlags {
  inventory?: string;
  json?: boolean;
  keepGoing?: boolean;
  color: boolean;
}

export interface BatchFlags extends InventoryFlags {
  ndjson?: boolean;
  concurrency?: number;
  timeout?: string;
  failFast?: boolean;
  maxFailures?: string;
  serial?: string;
  acceptNew?: boolean;
}

export interface HostsFlags extends InventoryFlags {
  ansible?: boolean;
  list?: boolean;
  host?: string;
}

export interface CheckFlags extends BatchFlags {
  check?: string[];
}

export interface RunFlags extends BatchFlags {
  script?: string;
  stdin?: string;
  env?: string[];
  sudo?: boolean;
  maxOutput?: string;
  diff?: boolean;
}

export interface LabFlags {
  hosts?: number;
  directory?: string;
  sshd?: boolean;
  json?: boolean;
}
