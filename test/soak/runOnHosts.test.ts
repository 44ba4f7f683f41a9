import { describeRunOn } from '../platform/integration/batch/runOnHosts';

describeRunOn(1_000);
