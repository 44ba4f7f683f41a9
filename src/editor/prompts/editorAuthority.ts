import type { Authority } from '../../core/host';
import type { CredentialPrompts } from './credentialPrompts';
import type { HostKeyPrompts } from './hostKeyPrompts';

/** Puts the core's questions to the person at the editor. */
export function editorAuthority(hostKeys: HostKeyPrompts, credentials: CredentialPrompts): Authority {
  return {
    unknownHostKey: (key, signal) => hostKeys.decide(key, signal),
    credential: (request, signal) => credentials.answer(request, signal),
  };
}
