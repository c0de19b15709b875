import type { Topic } from '../requirement.js';

export const STDIO: Topic = {
  title: 'Standard streams',
  requirements: [
    {
      level: 'MUST NOT',
      text: 'Writes messages on one line each, and nothing else.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#stdio.1-2',
        '2025-11-25 basic/transports#stdio.1,3',
        '2026-07-28 basic/transports/stdio#.1,3',
      ],
      reason: 'The library serves HTTP only. It writes nothing to standard output at all.',
    },
    {
      level: 'MUST NOT',
      text: 'Writes no requests.',
      at: ['2026-07-28 basic/transports/stdio#receiving-messages.2'],
      reason: 'The library serves HTTP only.',
    },
    {
      level: 'SHOULD',
      text: 'Stops work that is cancelled and says no more of it.',
      at: ['2026-07-28 basic/transports/stdio#cancellation.2-3'],
      reason: 'The library serves HTTP only.',
    },
    {
      level: 'SHOULD',
      text: 'Ends when its input does.',
      at: ['2026-07-28 basic/transports/stdio#shutdown.2'],
      reason: 'The library serves HTTP only.',
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#stdio.3',
        '2025-11-25 basic/transports#stdio.2,4',
        '2026-07-28 basic/transports/stdio#.2,4',
        '2026-07-28 basic/transports/stdio#backward-compatibility.1-3',
        '2026-07-28 basic/transports/stdio#cancellation.1',
        '2026-07-28 basic/transports/stdio#receiving-messages.1',
        '2026-07-28 basic/transports/stdio#sending-messages.1',
        '2026-07-28 basic/transports/stdio#shutdown.1',
        '2026-07-28 basic/transports/stdio#unexpected-termination.1',
      ],
    },
    {
      reason: 'It binds who writes a transport of another kind.',
      at: ['2026-07-28 basic/transports/stdio#.5'],
    },
  ],
};
