import { expect, it } from 'vitest';
import { WatchPage } from '../harness/watchPage';
import { write } from '../features/etcd/integration/etcdFixture';
import { untilTestEnds } from '../harness/untilTestEnds';

it('The watch panel stays smooth with 100,000 changes, and says what it forgot', async () => {
  const watch = untilTestEnds(await WatchPage.open());
  await watch.watch();
  await write(watch.farm.endpoints, '/config/many/', 101_000);
  await watch
    .part('forgotten')
    .filter({ hasText: /^[\d,]+ older rows are forgotten/ })
    .waitFor({ timeout: 300_000 });
  await watch
    .part('folded')
    .filter({ hasText: /^[\d,]+ rows came faster/ })
    .waitFor();
  expect(await watch.walkOver(100_000)).toBeLessThan(80);
});
