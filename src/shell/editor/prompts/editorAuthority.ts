import type { Authority } from '../../../platform/host/host';
import type { CredentialPrompts } from './credentialPrompts';
import type { HostKeyPrompts } from './hostKeyPrompts';
import { isUnattended } from './unattended';

/** Puts the core's questions to the person at the editor, if one is waiting; stored secrets serve in any case. */
export function editorAuthority(hostKeys: HostKeyPrompts, credentials: CredentialPrompts): Authority {
  return {
    unknownHostKey: (key, signal) =>
      isUnattended() ? Promise.resolve('reject') : hostKeys.decide(key, signal),
    credential: (request, signal) => credentials.answer(request, signal, !isUnattended()),
    accepted: (request) => credentials.accepted(request),
    refused: (request) => credentials.refused(request),
    isAttended: () => !isUnattended(),
  };
}
