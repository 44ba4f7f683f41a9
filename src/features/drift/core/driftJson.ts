import type { Comparison, DifferenceClass, Hosts } from './compareFacts';

/** The outcome for programs. An entry that a host does not have is null. */
export function driftJson({ keys, against, groups, tied, differences, unseen, ...hosts }: Comparison) {
  const setOf = ({ hosts, hostSet }: Hosts) => ({ hosts, hostSet });
  const classOf = (one: DifferenceClass) => ({ ...setOf(one), values: one.states });
  return {
    facts: keys,
    ...(against && { against: against.isChanges ? 'snapshot' : against.host }),
    answered: hosts.hosts.length,
    groups,
    tied,
    differences: differences.map(({ entries, common, others, unseenOn }) => ({
      entries: entries.map(({ fact, name }) => ({ fact: keys[fact], name })),
      ...(common && { common: classOf(common) }),
      others: others.map(classOf),
      ...(unseenOn && { unseenOn: setOf(unseenOn) }),
    })),
    unseen: unseen.map(({ fact, names, why, ...one }) => ({
      fact: keys[fact],
      names,
      ...why,
      ...setOf(one),
    })),
  };
}
