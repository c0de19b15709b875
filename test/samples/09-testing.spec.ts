import { expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startSample } from './support.js';

// The sample's own tests.
import '../../sample/09-testing/loans/loans.tools.spec.js';

it(
  'sample 09-testing runs',
  async () => {
    const sample = await startSample('09-testing');
    expect((await fetch(sample.url)).status).toBe(400);
    await sample.stop();
  },
  START_TIMEOUT_MS,
);
