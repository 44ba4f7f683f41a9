import { describeRunOn } from '../integration/batch/runOnHosts';

describeRunOn(1_000);
