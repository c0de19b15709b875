/** Longest delay of a timer, in milliseconds; Node fires one that is longer at once. */
export const MAX_DELAY_MS = 2 ** 31 - 1;
