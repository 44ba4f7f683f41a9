// Runs in a worker thread, started by profileThread.ts.
import { largestFile, readRegularFile } from '../../../platform/files/regularFile';
import { serveThread } from '../../../platform/threads/serveThread';
import { loadProfile, type LoadedProfile } from './model/loadedProfile';
import { type ProfileContract, profileOrders } from './analysis/profileOrders';

serveThread<ProfileContract>(async ({ name, content }) => {
  const bytes = typeof content === 'string' ? await readRegularFile(content, largestFile.profile) : content;
  const loaded = await loadProfile(bytes, name);
  const orders = Object.entries(profileOrders).map(([order, carryOut]) => [
    order,
    (input: unknown) => (carryOut as (loaded: LoadedProfile, input: unknown) => unknown)(loaded, input),
  ]);
  return Object.fromEntries(orders) as ProfileContract['methods'];
});
