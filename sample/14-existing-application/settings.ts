/** Settings from the environment, as `ConfigService` gives them. */
export const settings = () => ({
  port: Number(process.env['PORT'] ?? 3000),
  callsPerMinute: Number(process.env['CALLS_PER_MINUTE'] ?? 1_000),
  allowedHosts: (process.env['ALLOWED_HOSTS'] ?? 'localhost,127.0.0.1').split(','),
});
