import { describeRunOn } from './runOnHosts';

// `npm run test:soak` runs on a thousand.
describeRunOn(200);
